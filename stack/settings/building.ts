/** Secrets of builds, both optional: a bundle of CAs where a proxy has one of its own, and another npm registry. */
export const building = {
  secrets: { ca: '${BUILD_CA_FILE:-/dev/null}', npmrc: '${BUILD_NPMRC_FILE:-/dev/null}' },
  network: '${BUILD_NETWORK:-default}',
}

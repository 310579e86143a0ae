import { type Script, sh } from '../../lib/script/index.ts'

/** Ends with 0 where the nginx of an image that is there has HTTP/3, and where there is no such image yet; says what is wrong otherwise. */
export function hasHttp3(image: string): Script {
  const about = `nginx of ${image} is built without HTTP/3 (nginx -V has no http_v3_module)`
  const look = ['--rm', '--network', 'none', '--read-only', '--cap-drop', 'ALL', '--entrypoint', 'nginx']
  return sh`if docker image inspect ${image} >/dev/null 2>&1; then
  docker run ${look} ${image} -V 2>&1 | grep -q http_v3_module || { echo ${about}; exit 1; }
fi`
}

/**
 * The header that tells browsers of HTTP/3, of http: an empty value is not sent, and so is none by plain HTTP.
 * A day: whoever believes it finds the site by TCP where UDP does not get through.
 */
export function alternative(port: number): string {
  return `map $https $alternative { default ''; on 'h3=":${port}"; ma=86400'; }\nadd_header Alt-Svc $alternative always;`
}

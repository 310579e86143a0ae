/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  reactStrictMode: true,
  poweredByHeader: false,
  // nginx compresses; twice would be once too often.
  compress: false,
  // The container's root filesystem is read-only: nothing may be written beside the build.
  images: { unoptimized: true },
  experimental: { isrFlushToDisk: false },
}

import { plain } from '../../lib/secret/index.ts'

/**
 * Where nginx keeps files of apps, of http. Only what an app calls `public` and `immutable`, its word that this path never
 * holds anything else: then it matters neither which colour it came from, nor whether that one is still there.
 * @param megabytes of /tmp, which is memory
 */
export function assetCache(megabytes: number): string {
  if (megabytes === 0) return ''
  return plain`
    proxy_cache_path /tmp/assets levels=1:2 keys_zone=assets:1m max_size=${megabytes}m inactive=7d use_temp_path=off;
    map $upstream_http_cache_control $not_immutable {
      default 1;
      '~*public.*immutable' 0;
    }`
}

/** The same, of a location. The app is asked once for what many want at the same time. */
export function cachedAssets(app: string, megabytes: number): string {
  if (megabytes === 0) return ''
  return plain`
    proxy_cache assets;
    proxy_cache_key "${app} $uri$is_args$args";
    proxy_no_cache $not_immutable;
    proxy_cache_lock on;
    proxy_cache_use_stale error timeout;`
}

import { request } from 'node:https'

/** Asks an edge for a page under a request's id of ours; its status. */
export function askPage(path: string, id: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: 8441,
      path,
      rejectUnauthorized: false,
      headers: { 'x-request-id': id },
    }
    request(options, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })
}

/**
 * As much of Amazon S3's protocol (https://docs.aws.amazon.com/AmazonS3/latest/API/) as rclone needs to read a bucket: serves the
 * directories of a directory as buckets on loopback, to anyone, and prints its address: `node s3-server.ts DIRECTORY`.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const root = process.argv[2]!
const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n'

const etag = (path: string): string =>
  `"${createHash('md5').update(readFileSync(path)).digest('hex')}"`

function list(bucket: string, prefix: string, delimiter: string): string {
  const keys = readdirSync(join(root, bucket), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(root, bucket).length + 1))
    .filter((key) => key.startsWith(prefix))
    .sort()
  const below = (key: string) => key.slice(prefix.length)
  const isDeep = (key: string) => delimiter !== '' && below(key).includes(delimiter)
  const directories = new Set(
    keys.filter(isDeep).map((key) => `${prefix}${below(key).split(delimiter)[0]}${delimiter}`),
  )
  const objects = keys.filter((key) => !isDeep(key))
  return `${xmlHead}<ListBucketResult><Name>${bucket}</Name><Prefix>${prefix}</Prefix><IsTruncated>false</IsTruncated>${[
    ...objects.map((key) => object(key, join(root, bucket, key))),
    ...[...directories].map((key) => `<CommonPrefixes><Prefix>${key}</Prefix></CommonPrefixes>`),
  ].join('')}</ListBucketResult>`
}

function object(key: string, path: string): string {
  const { size, mtime } = statSync(path)
  return `<Contents><Key>${key}</Key><LastModified>${mtime.toISOString()}</LastModified><ETag>${etag(path)}</ETag><Size>${size}</Size></Contents>`
}

function answer({ url, method }: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url ?? '/', 'http://localhost')
  const [, bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/.exec(decodeURIComponent(pathname)) ?? []
  if (key === '') {
    const [prefix, delimiter] = ['prefix', 'delimiter'].map((name) => searchParams.get(name) ?? '')
    response.setHeader('content-type', 'application/xml').end(list(bucket, prefix!, delimiter!))
    return
  }
  const path = join(root, bucket, key)
  const { size, mtime } = statSync(path)
  response.writeHead(200, {
    etag: etag(path),
    'last-modified': mtime.toUTCString(),
    'content-length': size,
  })
  response.end(method === 'GET' ? readFileSync(path) : undefined)
}

const server = createServer((request, response) => {
  try {
    answer(request, response)
  } catch (error) {
    response.writeHead(404).end(String(error))
  }
})
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

/**
 * As much of Amazon S3's protocol (https://docs.aws.amazon.com/AmazonS3/latest/API/) as s3fs needs to list a bucket: serves a
 * directory as the bucket `bucket`, to anyone, read-only: `node loopback-s3.ts DIRECTORY PORT`.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'

const [root = '', port = ''] = process.argv.slice(2)
const bucket = '/bucket'
const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n'
const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

/** Names and attributes of a directory, which S3 knows without asking a disk for each. */
const listings = new Map<string, readonly { key: string; stats: Stats }[]>()

function listing(prefix: string): readonly { key: string; stats: Stats }[] {
  const known = listings.get(prefix)
  if (known) return known
  const found = readdirSync(join(root, prefix)).map((name) => {
    const stats = statSync(join(root, prefix, name))
    return { key: prefix + name + (stats.isDirectory() ? '/' : ''), stats }
  })
  const sorted = found.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  listings.set(prefix, sorted)
  return sorted
}

function list(query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const most = Number(query.get('max-keys') ?? 1000)
  const after = query.get('marker') ?? ''
  const all = listing(prefix).filter(({ key }) => key > after)
  const page = all.slice(0, most)
  const entries = page.map(({ key, stats }) =>
    stats.isDirectory()
      ? `<CommonPrefixes><Prefix>${key}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${key}</Key><LastModified>${stats.mtime.toISOString()}</LastModified><ETag>"${etag(stats)}"</ETag>` +
        `<Size>${stats.size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  )
  const isTruncated = all.length > page.length
  const next = isTruncated ? `<NextMarker>${page.at(-1)!.key}</NextMarker>` : ''
  const head = `<Name>bucket</Name><Prefix>${prefix}</Prefix><Delimiter>/</Delimiter><MaxKeys>${most}</MaxKeys>`
  return `${xmlHead}<ListBucketResult ${namespace}>${head}<IsTruncated>${isTruncated}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`
}

const etag = (stats: Stats): string =>
  `${stats.ino.toString(16).padStart(16, '0')}${stats.size.toString(16).padStart(16, '0')}`

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const key = decodeURIComponent(pathname.slice(bucket.length)).replace(/^\//, '')
  const isList = key === '' && request.method === 'GET'
  if (isList)
    return void response.setHeader('content-type', 'application/xml').end(list(searchParams))
  const stats = statSync(join(root, key), { throwIfNoEntry: false })
  // A directory's object has a slash at its end.
  if (!stats || stats.isDirectory() !== (key === '' || key.endsWith('/'))) {
    const isHead = request.method === 'HEAD'
    const body = `${xmlHead}<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>`
    return void response
      .writeHead(404, { 'content-type': 'application/xml' })
      .end(isHead ? '' : body)
  }
  response.setHeader('etag', `"${etag(stats)}"`)
  response.setHeader('last-modified', stats.mtime.toUTCString())
  response.setHeader('content-length', stats.isDirectory() ? 0 : stats.size)
  response.setHeader(
    'content-type',
    stats.isDirectory() ? 'application/x-directory' : 'binary/octet-stream',
  )
  response.end(
    request.method === 'GET' && stats.isFile() ? readFileSync(join(root, key)) : undefined,
  )
}

createServer((request, response) => {
  try {
    answer(request, response)
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
}).listen(Number(port), '127.0.0.1')

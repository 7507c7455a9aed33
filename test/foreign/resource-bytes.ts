import { bcs } from '@mysten/sui/bcs'

const text = bcs.string()
const resource = bcs.struct('Resource', {
  path: text,
  headers: bcs.vector(bcs.tuple([text, text])),
  blob_id: bcs.u256(),
  blob_hash: bcs.u256(),
  range: bcs.option(bcs.tuple([bcs.option(bcs.u64()), bcs.option(bcs.u64())])),
})

/** A resource of a Walrus Site as the chain holds it. */
export function resourceBytes({
  path = '/index.html',
  headers = [['content-type', 'text/html']],
  range,
}: {
  readonly path?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly range?: readonly [number | bigint | null, number | bigint | null]
}): Buffer {
  const fields = {
    path,
    headers: headers.map(([name, value]) => [name, value] as [string, string]),
    blob_id: 12345n ** 10n,
    blob_hash: 54321n ** 10n,
    range: range
      ? ([range[0], range[1]] as [number | bigint | null, number | bigint | null])
      : null,
  }
  return Buffer.from(resource.serialize(fields).toBytes())
}

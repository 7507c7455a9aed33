import { parseBlobId, type BlobId } from '../terms/blob-id.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Config } from './config-schema.ts'

/** Something on Walrus that no walrusfs made, as a person names it. */
export type ForeignReference = {
  /** The reference itself: stands in messages and for the mount. */
  readonly name: string
  readonly network: string
} & (
  | { readonly kind: 'blob' | 'quilt'; readonly blob: BlobId }
  /** An object id, its base36 form, or a name of SuiNS. */
  | { readonly kind: 'site'; readonly site: string }
)

const pattern = /^(blob|quilt|site):(.*)$/s

/**
 * What `blob:ID`, `quilt:ID` or `site:ID` means; undefined for the name or id of a drive. Without a network it is the only one of the
 * configuration, else mainnet. Throws Trouble `usage`.
 */
export function foreignReference(
  text: string,
  config: Config,
  network: string | undefined,
): ForeignReference | undefined {
  const [, kind, id] = pattern.exec(text) ?? []
  if (kind === undefined || id === undefined) return undefined
  const where = { name: text, network: network ?? onlyNetwork(config) ?? 'mainnet' }
  if (kind === 'site') {
    if (/^[\w.@-]{1,300}$/.test(id)) return { kind, site: id, ...where }
    const forms = 'an object id, the base36 form of one, or a name of SuiNS'
    throw new Trouble('usage', `${JSON.stringify(text)} names no site: give ${forms}`)
  }
  return { kind: kind as 'blob' | 'quilt', blob: blobOf(text, id), ...where }
}

/** Whether a text means something that is only looked at. */
export function isForeign(text: string): boolean {
  return pattern.test(text)
}

function blobOf(text: string, id: string): BlobId {
  try {
    return parseBlobId(id)
  } catch (cause) {
    throw new Trouble('usage', `${JSON.stringify(text)} holds no blob id (43 characters)`, {
      cause,
    })
  }
}

function onlyNetwork({ networks }: Config): string | undefined {
  const names = Object.keys(networks)
  return names.length === 1 ? names[0] : undefined
}

/**
 * A field of what a command prints with --json: where it stands (`nodes[].name`), its type, and what it says. A `?` behind the type: it may
 * be absent; `*` behind the place: and whatever is below it.
 */
export type Field = readonly [path: string, type: string, meaning: string]

export interface JsonResult {
  readonly command: string
  /** What has the command print this, where it prints other things with other flags or arguments. */
  readonly form?: string
  readonly about?: string
  readonly fields: readonly Field[]
}

const blobs = (path: string, what: string): Field[] => [
  [`${path}.blobs`, 'number', what],
  [`${path}.storedBytes`, 'number', 'Bytes of them, before encoding'],
  [
    `${path}.billedBytes`,
    'number',
    'Bytes that Walrus bills for them: encoded, in whole MiB a blob',
  ],
]

export { blobs }

export const frost = 'FROST (1e-9 WAL)'

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { toBase58 } from '@mysten/sui/utils'
import { syncDirectory } from './ledger/segment.ts'

/** What a chain is from its first moment on. */
export interface ChainIdentity {
  readonly format: 1
  /** Base58 of 32 bytes, as the digest of a genesis checkpoint is. */
  readonly chainId: string
  readonly genesisMs: number
}

const fileName = 'chain.json'

/** The identity of the chain in a directory; a new one where there is none. Throws when it is of another format. */
export function loadIdentity(directory: string, nowMs: number): ChainIdentity {
  const path = join(directory, fileName)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const identity = { format: 1, chainId: toBase58(randomBytes(32)), genesisMs: nowMs } as const
    writeDurably(path, JSON.stringify(identity))
    return identity
  }
  const identity = JSON.parse(text) as { format: unknown }
  if (identity.format !== 1) throw new Error(`${path} is of a format that this version cannot read`)
  return identity as ChainIdentity
}

/** Puts a text into a file, whole or not at all. */
export function writeDurably(path: string, text: string): void {
  const temporary = `${path}.tmp`
  const fd = openSync(temporary, 'w', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path)
  syncDirectory(dirname(path))
}

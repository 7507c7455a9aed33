import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { PackFile } from '../../src/store/blob-store.ts'

/** A pack's file that lives as long as the test. */
export function packFile(t: Test, bytes: Uint8Array): PackFile {
  const directory = mkdtempSync(join(tmpdir(), 'walrusfs-pack-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'pack')
  writeFileSync(path, bytes)
  return { path, bytes: bytes.length }
}

/** Bytes that look random, always the same for a seed. */
export function seededBytes(length: number, seed: string): Buffer {
  return createHash('shake256', { outputLength: length }).update(seed).digest()
}

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../fixtures/fuzz')
/** Names of inputs that were found by trying; others were given theirs by a person, and stay. */
const found = /^[0-9a-f]{12}$/

/** The inputs that are kept for a target, by name. */
export function keptInputs(target: string): Map<string, Buffer> {
  const directory = join(root, target)
  if (!existsSync(directory)) return new Map()
  const names = readdirSync(directory).sort()
  return new Map(names.map((name) => [name, readFileSync(join(directory, name))]))
}

/** Replaces those inputs of a target that were found by trying. */
export function keepInputs(target: string, inputs: readonly Uint8Array[]): void {
  const directory = join(root, target)
  mkdirSync(directory, { recursive: true })
  for (const name of readdirSync(directory)) if (found.test(name)) rmSync(join(directory, name))
  for (const input of inputs) writeFileSync(join(directory, nameOf(input)), input)
}

/** Keeps an input for which a decoder did what it must not do. Returns its path. */
export function keepFinding(target: string, input: Uint8Array): string {
  const directory = join(root, target)
  mkdirSync(directory, { recursive: true })
  const path = join(directory, `finding-${nameOf(input)}`)
  writeFileSync(path, input)
  return path
}

export function isFound(name: string): boolean {
  return found.test(name)
}

function nameOf(input: Uint8Array): string {
  return createHash('sha256').update(input).digest('hex').slice(0, 12)
}

import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  linkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { tool } from './machine.ts'

/**
 * A real tree with what backup tools must keep: thousands of files of all sizes, links, odd names, modes, times, holes,
 * attributes. Deterministic but for the times of directories.
 */
export function makeOddTree(root: string, files = 2000): void {
  mkdirSync(root, { recursive: true })
  for (let i = 0; i < files; i++) {
    const directory = join(root, `dir${i % 40}`, i % 3 ? `sub${i % 7}` : '')
    mkdirSync(directory, { recursive: true })
    const path = join(directory, `file-${i}.dat`)
    writeFileSync(path, content(i))
    if (i % 11 === 0) utimesSync(path, i - 1000, i * 1_000_003 + 0.25)
    if (i % 13 === 0) chmodSync(path, [0o400, 0o755, 0o4711, 0o000][i % 4]!)
  }
  oddNames(join(root, 'odd names'))
  links(join(root, 'links'))
  const holes = join(root, 'holes')
  writeFileSync(holes, 'begin')
  truncateSync(holes, 5_000_000)
  mkdirSync(join(root, 'empty'))
  chmodSync(join(root, 'empty'), 0o1777)
  tool('setfattr', ['-n', 'user.colour', '-v', 'blue', join(root, 'holes')])
  tool('setfacl', ['-m', 'u:12345:rw', join(root, 'holes')])
  tool('setfacl', ['-d', '-m', 'g:54321:rx', join(root, 'empty')])
}

function content(i: number): Buffer {
  const sizes = [0, 1, 100, 1024, 1025, 4096, 20_000, 70_000]
  const size = i === 500 ? 3_000_000 : sizes[i % sizes.length]!
  const bytes = Buffer.alloc(size)
  for (let at = 0, x = i * 2654435761; at < size; at++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    bytes[at] = i % 2 ? x >>> 24 : 97 + (at % 26)
  }
  return bytes
}

function oddNames(directory: string): void {
  mkdirSync(directory)
  const names = [
    ' ',
    '-rf',
    'ünïcödé',
    'new\nline',
    '日本語',
    'a'.repeat(255),
    'quote\'"',
    '*?[]$',
    '.hidden',
    '\u0301',
  ]
  for (const name of names) writeFileSync(join(directory, name), name)
  writeFileSync(
    Buffer.concat([Buffer.from(`${directory}/not-utf8-`), Buffer.of(0xff, 0xfe)]),
    'bytes',
  )
}

function links(directory: string): void {
  mkdirSync(directory)
  writeFileSync(join(directory, 'one'), 'several names')
  linkSync(join(directory, 'one'), join(directory, 'two'))
  linkSync(join(directory, 'one'), join(directory, '..', 'three'))
  symlinkSync('one', join(directory, 'soft'))
  symlinkSync('/nowhere/at/all', join(directory, 'dangling'))
  symlinkSync('x'.repeat(4000), join(directory, 'long'))
  lutimesSync(join(directory, 'soft'), 1, 2)
  tool('mkfifo', [join(directory, 'pipe')])
}

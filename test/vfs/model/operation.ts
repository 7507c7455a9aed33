import fc from 'fast-check'

/** A path: its components. */
export type Path = readonly string[]

/** What programs do, by path or by an open file (`slot`). No path goes through a symlink. */
export type Operation =
  | { readonly type: 'open'; readonly path: Path; readonly slot: number; readonly how: OpenHow }
  | { readonly type: 'close'; readonly slot: number }
  | { readonly type: 'write'; readonly slot: number; readonly at: number; readonly text: string }
  | { readonly type: 'truncate'; readonly slot: number; readonly size: number }
  | { readonly type: 'mkdir'; readonly path: Path; readonly mode: number }
  | { readonly type: 'rmdir'; readonly path: Path }
  | { readonly type: 'unlink'; readonly path: Path }
  | { readonly type: 'rename'; readonly path: Path; readonly to: Path }
  | { readonly type: 'link'; readonly path: Path; readonly to: Path }
  | { readonly type: 'symlink'; readonly path: Path; readonly target: string }
  | { readonly type: 'chmod'; readonly path: Path; readonly mode: number }
  | { readonly type: 'chown'; readonly path: Path; readonly uid: number; readonly gid: number }
  | { readonly type: 'utimes'; readonly path: Path; readonly sec: number }
  | MoreOperation

/** What node:fs has no call for. */
export type MoreOperation =
  | { readonly type: 'rename2'; readonly path: Path; readonly to: Path; readonly flags: number }
  | {
      readonly type: 'setxattr'
      readonly path: Path
      readonly name: string
      readonly value: string
    }
  | { readonly type: 'removexattr'; readonly path: Path; readonly name: string }
  | {
      readonly type: 'allocate'
      readonly slot: number
      readonly mode: number
      readonly at: number
      readonly length: number
    }
  | {
      readonly type: 'copy'
      readonly from: number
      readonly fromAt: number
      readonly slot: number
      readonly at: number
      readonly length: number
    }

/** `make`: O_CREAT; `new`: with O_EXCL; `empty`: with O_TRUNC; `append`: with O_APPEND. */
export type OpenHow = 'old' | 'make' | 'new' | 'empty' | 'append'

export const slots = [0, 1, 2]

/** Every path that an operation passes through on its way. */
export function directoriesOf(operation: Operation): Path[] {
  const paths = [
    ...('path' in operation ? [operation.path] : []),
    ...('to' in operation ? [operation.to] : []),
  ]
  return paths.flatMap((path) => path.slice(1).map((_, index) => path.slice(0, index + 1)))
}

const component = fc.constantFrom('a', 'b', 'c')
const path: fc.Arbitrary<Path> = fc.array(component, { minLength: 1, maxLength: 3 })
const slot = fc.constantFrom(...slots)
const mode = fc.constantFrom(0o755, 0o2775, 0o4755, 0o6777, 0o2644, 0o600, 0o1777, 0)
const size = fc.oneof(fc.nat(40), fc.nat(20_000))
const text = fc
  .tuple(fc.constantFrom('x', 'y', 'z'), fc.oneof(fc.nat(30), fc.nat(9000)))
  .map(([letter, length]) => letter.repeat(length))
const owner = fc.constantFrom(0, 1000, 4242)
const how = fc.constantFrom<OpenHow[]>('old', 'make', 'make', 'new', 'empty', 'append')
const is = <T extends string>(type: T) => fc.constant(type)

/** Operations that node:fs can do, too. */
export const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: is('open'), path, slot, how }) },
  { weight: 1, arbitrary: fc.record({ type: is('close'), slot }) },
  { weight: 4, arbitrary: fc.record({ type: is('write'), slot, at: size, text }) },
  { weight: 2, arbitrary: fc.record({ type: is('truncate'), slot, size }) },
  { weight: 3, arbitrary: fc.record({ type: is('mkdir'), path, mode }) },
  { weight: 1, arbitrary: fc.record({ type: is('rmdir'), path }) },
  { weight: 2, arbitrary: fc.record({ type: is('unlink'), path }) },
  { weight: 4, arbitrary: fc.record({ type: is('rename'), path, to: path }) },
  { weight: 2, arbitrary: fc.record({ type: is('link'), path, to: path }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: is('symlink'),
      path,
      target: fc.constantFrom('a', '../b', 'no/where'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: is('chmod'), path, mode }) },
  { weight: 1, arbitrary: fc.record({ type: is('chown'), path, uid: owner, gid: owner }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: is('utimes'), path, sec: fc.constantFrom(0, 1e9, 2 ** 32) }),
  },
)

const value = fc.constantFrom('', 'one', 'v'.repeat(300))
const name = fc.constantFrom('user.a', 'user.b', 'trusted.c')
const blocks = fc.constantFrom(0, 4096, 8192)

/** All operations. */
export const allOperations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: operations },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.record({ type: is('rename2'), path, to: path, flags: fc.constantFrom(1, 2) }),
      fc.record({ type: is('setxattr'), path, name, value }),
      fc.record({ type: is('removexattr'), path, name }),
      fc.record({
        type: is('allocate'),
        slot,
        mode: fc.constantFrom(0, 1, 3, 0x10, 0x11),
        at: size,
        length: size,
      }),
      fc.record({
        type: is('allocate'),
        slot,
        mode: fc.constantFrom(0x08, 0x20),
        at: blocks,
        length: blocks,
      }),
      fc.record({ type: is('copy'), from: slot, fromAt: size, slot, at: size, length: size }),
    ),
  },
)

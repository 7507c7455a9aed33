import { test } from 'tap'
import { Passthrough } from '../../src/fuse/kernel/passthrough.ts'
import { LineLog } from '../../src/runtime/log.ts'
import type { Attributes } from '../../src/tree/attributes.ts'
import type { Opened } from '../../src/vfs/file-system.ts'
import { FakeKernel, struct } from './fake-kernel.ts'
import { sample } from './sample-attributes.ts'

const node = 5

/** A kernel that numbers what it is given, and a file system whose file can change. */
function setUp() {
  const backings = new Set<number>()
  const lines: string[] = []
  const state = { refuses: 0, attributes: { ...sample, size: 100 } as Attributes }
  let next = 1
  const device = {
    openBacking: () => (state.refuses > 0 ? -state.refuses : (backings.add(next), next++)),
    closeBacking: (number: number) => void backings.delete(number),
  }
  const log = new LineLog((line) => lines.push(line), 'debug')
  const passthrough = new Passthrough(device, { getattr: () => state.attributes }, log)
  passthrough.isAgreed = true
  passthrough.isOn = true
  const used = new Set<number>()
  let files = 0
  const whole = (): Opened => {
    const descriptor = files++
    used.add(descriptor)
    const { size, blocks, mtimeSec, mtimeNsec } = state.attributes
    const release = () => void used.delete(descriptor)
    const file = { descriptor, size, blocks, mtimeSec, mtimeNsec, release }
    return { handle: 1, keepCache: true, directIo: false, whole: file }
  }
  const ordinary: Opened = { handle: 1, keepCache: true, directIo: false }
  return { passthrough, state, backings, used, lines, whole, ordinary }
}

test('handles that are open together read one file, and it is given back after the last', async (t) => {
  const { passthrough, backings, used, whole, ordinary } = setUp()
  t.equal(passthrough.opened(node, whole()), 1)
  t.equal(passthrough.opened(node, whole()), 1, 'the kernel wants the same')
  t.equal(passthrough.opened(node, ordinary), 1, 'of every open')
  t.equal(passthrough.opened(node + 1, whole()), 2)
  t.same(used, new Set([0, 2]), 'what is not needed is released')
  for (let i = 0; i < 2; i++) passthrough.released(node)
  t.same(backings, new Set([1, 2]))
  passthrough.released(node)
  t.same(backings, new Set([2]))
  passthrough.end()
  t.equal(used.size, 0)
})

test('while a handle goes through the page cache, none passes through', async (t) => {
  const { passthrough, backings, used, whole, ordinary } = setUp()
  passthrough.isOn = false
  for (let i = 0; i < 2; i++) t.equal(passthrough.opened(node, ordinary), 0)
  passthrough.isOn = true
  t.equal(passthrough.opened(node, whole()), 0)
  for (let i = 0; i < 2; i++) passthrough.released(node)
  t.equal(passthrough.opened(node, whole()), 0, 'the third is still open')
  for (let i = 0; i < 2; i++) passthrough.released(node)
  t.same([backings.size, used.size], [0, 0])
  t.equal(passthrough.opened(node, whole()), 1)
})

test('a file that the kernel does not take is read through us', async (t) => {
  const { passthrough, state, used, lines, whole } = setUp()
  state.refuses = 1
  t.equal(passthrough.opened(node, whole()), 0)
  t.equal(used.size, 0)
  t.match(lines, [/could not be passed through errno=1/])
  state.refuses = 0
  t.equal(passthrough.opened(node, whole()), 0, 'it goes through the page cache now')
  passthrough.released(node)
  passthrough.released(node)
  t.equal(passthrough.opened(node, whole()), 1)
})

test('who has a file open sees it as it was, though it has changed elsewhere', async (t) => {
  const { passthrough, state, whole } = setUp()
  passthrough.opened(node, whole())
  t.equal(passthrough.seek(node, 10, 3), undefined, 'the file system knows its holes')
  const before = state.attributes
  state.attributes = {
    ...before,
    size: 7,
    blocks: 1,
    mtimeSec: before.mtimeSec + 1,
    mode: 0o100400,
  }
  t.same(passthrough.shown(node, state.attributes), { ...before, mode: 0o100400 })
  t.same(await passthrough.shown(node, Promise.resolve(state.attributes)), {
    ...before,
    mode: 0o100400,
  })
  t.equal(passthrough.seek(node, 10, 3), 10)
  t.equal(passthrough.seek(node, 10, 4), 100)
  t.throws(() => passthrough.seek(node, 100, 3), { code: 'ENXIO' })
  passthrough.released(node)
  t.equal(passthrough.shown(node, state.attributes), state.attributes)
  t.equal(passthrough.seek(node, 10, 3), undefined)
})

test('INIT asks for passthrough, and an open without it is as ever', async (t) => {
  const kernel = await FakeKernel.start(t, {
    open: () => ({ handle: 7, keepCache: true, directIo: false }),
  })
  const { body } = await kernel.initialize(0xffffffff)
  t.equal((body.readUInt32LE(32) >>> 5) & 1, 1)
  t.equal(body.readUInt32LE(36), 1, 'files may not lie on what stands on another file system')
  const opened = await kernel.ask(14, node, struct(['u32', 0], ['u32', 0]))
  t.same(opened.body, struct(['u64', 7], ['u32', 2], ['i32', 0]))
  t.match(kernel.session.passThrough('/dev/null/nowhere'), /no file can be made/)
})

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { Machine, noMounts } from './machine.ts'

/** A file and a directory that were changed, then read twice. */
async function atimes(mount: string): Promise<number[][]> {
  const [file, directory] = [join(mount, 'file'), join(mount, 'directory')]
  writeFileSync(file, 'in the pages of the kernel')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, `${Date.now()}`), '')
  const seen: number[][] = []
  for (let reads = 0; reads < 3; reads++) {
    seen.push([statSync(file).atimeMs, statSync(directory).atimeMs])
    await sleep(20)
    readFileSync(file)
    readdirSync(directory)
  }
  return seen
}

test('reading moves atime where the mount asks for it', { skip: noMounts() }, async (t) => {
  const machine = new Machine(t)
  await machine.startDevnet()
  await machine.create()
  const plain = await machine.mount()
  const unmoved = await atimes(plain)
  t.same(unmoved[2], unmoved[0], 'not by itself')
  await machine.ok('umount', plain)

  const [before, first, second] = await atimes(await machine.mount('demo', '-o', 'relatime'))
  for (const [index, what] of ['file', 'directory'].entries()) {
    t.ok(first![index]! > before![index]!, `the first read of the ${what} moves it`)
    t.equal(second![index], first![index], `the second read of the ${what} does not`)
  }
})

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { Machine, noMounts } from './machine.ts'
import { Watching } from './watching.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)
const passphrase = 'vier Walrösser, kalt'

/** A command in a terminal whose questions are answered one by one, and how it ended. */
async function answered(
  machine: Machine,
  args: readonly string[],
  ...turns: readonly (readonly [question: RegExp, typed: string])[]
): Promise<Watching & { readonly code: number | null }> {
  const terminal = Watching.terminal(machine, ...args)
  for (const [question, typed] of turns) {
    await terminal.shows(question)
    terminal.child.stdin!.write(typed)
  }
  const { code } = await terminal.finished
  return Object.assign(terminal, { code })
}

test('passphrases are asked for at a terminal', { skip }, async (t) => {
  const machine = new Machine(t, network)
  const create = ['create', 'asked', '--passphrase']
  const [first, again] = [/new passphrase for asked: /, /once more: /]

  const differ = await answered(machine, create, [first, 'one of two\r'], [again, 'another\r'])
  t.equal(differ.code, 2)
  t.match(differ.text, /the two passphrases differ; nothing was changed/)
  const none = await answered(machine, create, [first, '\r'])
  t.equal(none.code, 2)
  t.match(none.text, /no passphrase was given/)
  const broken = await answered(machine, create, [first, 'half\x03'])
  t.equal(broken.code, 22)
  t.equal((await machine.run('ls', 'asked')).code, 4, 'none of them made a drive')

  // Typed ahead, with a word that is taken back, and one letter.
  const made = await answered(machine, create, [
    first,
    `wrong\x15${passphrase}x\x7f\r${passphrase}\r`,
  ])
  t.equal(made.code, 0, made.text)
  t.match(made.text, /recovery {2}\S+/)
  for (const { text } of [differ, broken, made]) {
    t.notMatch(text, /one of two|another|half|wrong|Walrösser/, 'nothing of it shows')
  }

  const mount = await machine.mount('asked')
  writeFileSync(join(mount, 'file'), 'sealed')
  await machine.ok('sync', mount)
  await machine.ok('umount', mount)

  const elsewhere = new Machine(t, machine)
  rmSync(join(elsewhere.home, 'config', 'keys'), { recursive: true })
  const there = elsewhere.mountPoint()
  const question = /passphrase or recovery key of asked: /
  const opened = await answered(
    elsewhere,
    ['mount', 'asked', there, '--read-only'],
    [question, 'guessed\r'],
    [/that does not open it; passphrase or recovery key of asked: /, `${passphrase}\r`],
  )
  t.equal(opened.code, 0, opened.text)
  t.equal(readFileSync(join(there, 'file'), 'utf8'), 'sealed')
  await elsewhere.ok('umount', there)
})

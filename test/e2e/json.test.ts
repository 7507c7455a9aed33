import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test, type Test } from 'tap'
import { jsonError, jsonResults, titleOf } from '../../src/cli/json/page.ts'
import type { JsonResult } from '../../src/cli/json/fields.ts'
import { pathsOf } from '../cli/json-paths.ts'
import { Machine, noMounts, type Finished } from './machine.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)

/** Every value must stand in the table with its type, and all that may not be absent must be there. */
function compare(t: Test, result: JsonResult, value: unknown): void {
  const { fields } = result
  const command = titleOf(result)
  const there = pathsOf(value)
  const open = fields.filter(([path]) => path.endsWith('.*')).map(([path]) => path.slice(0, -1))
  const known = new Map(fields.map(([path, type]) => [path, type]))
  for (const [path, type] of there) {
    if (open.some((place) => path.startsWith(place)) || path === '[]') continue
    // Elements that are texts stand in the table as their array.
    const wanted = known.get(path)?.replace('?', '') ?? 'nothing'
    const fits = wanted === type || wanted === 'any' || (path.endsWith('[]') && wanted === 'array')
    t.ok(fits, `${command}: ${path} is ${type}, documented as ${wanted}`)
  }
  for (const [path, type] of fields) {
    const parent = /^(.*\[\])\.[^[]*/.exec(path)?.[1]
    const isEmpty =
      parent !== undefined && ![...there.keys()].some((one) => one.startsWith(`${parent}.`))
    if (type.endsWith('?') || path.endsWith('*') || isEmpty) continue
    t.ok(there.has(path), `${command}: ${path} is there`)
  }
}

function resultOf(title: string): JsonResult {
  return jsonResults.find((one) => titleOf(one) === title)!
}

const asked = new Set<string>()

/** Asks a command for JSON and compares that with the section of this title. Gives it. */
async function ask(
  t: Test,
  machine: Machine,
  words: readonly string[],
  title: string,
): Promise<unknown> {
  const { stdout, stderr, code }: Finished = await machine.run(...words, '--json')
  t.equal(code, 0, `${title}: ${stderr}${code === 0 ? '' : stdout}`)
  asked.add(title)
  const value: unknown = JSON.parse(stdout)
  compare(t, resultOf(title), value)
  return value
}

test('what --json prints is what the table says', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  const run = async (command: string, ...args: string[]) =>
    ask(t, machine, [...command.split(' '), ...args], command)

  const mount = machine.mountPoint()
  await run('create', 'other')
  await run('mount', 'demo', mount)
  writeFileSync(join(mount, 'file'), 'x'.repeat(100_000))
  await run('sync', mount)
  await run('warmup', mount)
  await run('pin', join(mount, 'file'), '--wait')
  await run('status', mount)
  await run('dashboard', mount)
  await run('offline', mount)
  await run('bwlimit', mount, '100M:off')
  await run('unpin', join(mount, 'file'))
  await run('renew', mount, '--epochs', '20')
  await run('gc', mount)
  await run('revive', mount)
  await run('umount', mount)
  const copy = join(machine.home, 'copy')
  await run('get', 'demo', '/file', copy)
  await run('put', copy, 'demo')
  const [last] = (await run('log', 'demo', '--names')) as [{ readonly sequence: number }]
  await run('diff', 'demo@0')
  const past = `demo@${last.sequence}`
  await ask(t, machine, ['restore', past, '/file', '--to', `${copy}2`], 'restore --to')
  await ask(t, machine, ['restore', past, '/file', '--in-place'], 'restore --in-place')
  await run('snapshot', 'demo')
  await ask(t, machine, ['snapshot', 'demo', '--list'], 'snapshot --list')
  for (const command of ['log', 'ls', 'cost', 'forecast', 'verify', 'fsck', 'config show']) {
    await run(command, 'demo')
  }
  const little = ['size', 'reads', 'files', 'fsyncs', 'rounds'].flatMap((one) => [`--${one}`, '1'])
  await run('bench', machine.home, ...little)
  await run('doctor')
  await run('config path')
  await run('config check')
  await run('config init', '--config', join(machine.home, 'new.yaml'))
  await run('devnet status')
  await run('devnet epoch')
  await run('devnet fault', 'slow', '1')
  await run('devnet fault', 'clear')
  await run('devnet faucet', 'demo')

  const { stdout } = await machine.run('cat', 'nosuch', 'x', '--json')
  compare(t, jsonError, JSON.parse(stdout))
})

test('what others may read and change', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  const run = async (command: string, ...args: string[]) =>
    ask(t, machine, [...command.split(' '), ...args], command)
  await run('create', 'secret', '--no-public')

  await ask(t, machine, ['keys', 'secret'], 'keys list')
  await run('keys list', 'secret')
  const { publicKey } = (await run('keys public')) as { publicKey: string }
  await run('keys add', 'secret', '--for', publicKey)
  const passphrase = join(machine.home, 'passphrase')
  writeFileSync(passphrase, 'correct horse battery staple\n', { mode: 0o600 })
  await run('keys add', 'secret', '--new-passphrase-file', passphrase)
  await run('keys change-passphrase', 'secret', '--new-passphrase-file', passphrase)
  const { slots } = (await run('keys add', 'secret', '--recovery')) as {
    readonly slots: readonly { readonly id: string }[]
  }
  await run('keys remove', 'secret', slots.at(-1)!.id)

  const { manifest } = await machine.json<{ manifest: string }>('create', 'shared', '--no-public')
  const other = new Machine(t, machine)
  rmSync(join(other.home, 'config'), { recursive: true })
  mkdirSync(join(other.home, 'config'), { mode: 0o700 })
  const joining = ['join', manifest, '--no-wait']
  const joined = (await ask(t, other, joining, 'join')) as Record<'address' | 'publicKey', string>
  const { address, publicKey: key } = joined
  const sharing = ['share', 'shared', address, '--public-key', key]
  await ask(t, machine, sharing, 'share DRIVE ADDRESS')
  await ask(t, machine, ['share', 'shared'], 'share DRIVE')
  await run('revoke', 'shared', address)
  await run('transfer', 'shared', address, '--yes', '--public-key', key)

  const directory = join(machine.home, 'page')
  mkdirSync(directory)
  writeFileSync(join(directory, 'index.html'), '<h1>hello</h1>')
  await run('publish', directory, '--key', 'demo')
})

test('each was asked', { skip }, async (t) => {
  const all = jsonResults.map(titleOf).filter((title) => title !== 'devnet stop')
  t.same([...asked].sort(), all.sort())
})

test('a devnet says that it has stopped', { skip }, async (t) => {
  compare(t, resultOf('devnet stop'), await network!.json('devnet', 'stop'))
})

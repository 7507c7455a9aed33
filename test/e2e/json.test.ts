import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test, type Test } from 'tap'
import { jsonError, jsonResults } from '../../src/cli/json/page.ts'
import type { JsonResult } from '../../src/cli/json/fields.ts'
import { pathsOf } from '../cli/json-paths.ts'
import { Machine, noMounts, type Finished } from './machine.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)

/** Every value must stand in the table with its type, and all that may not be absent must be there. */
function compare(t: Test, { command, fields }: JsonResult, value: unknown): void {
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

function resultOf(command: string): JsonResult {
  return jsonResults.find((one) => one.command === command)!
}

test('what --json prints is what the table says', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  const asked = new Set<string>()
  const check = ({ stdout, stderr, code }: Finished, command: string) => {
    t.equal(code, 0, `${command}: ${stderr}`)
    asked.add(command)
    compare(t, resultOf(command), JSON.parse(stdout))
  }
  const run = async (command: string, ...args: string[]) =>
    check(await machine.run(...command.split(' '), ...args, '--json'), command)

  const mount = machine.mountPoint()
  await run('create', 'other')
  await run('mount', 'demo', mount)
  writeFileSync(join(mount, 'file'), 'x'.repeat(100_000))
  await run('sync', mount)
  await run('status', mount)
  await run('renew', mount, '--epochs', '20')
  await run('gc', mount)
  await run('revive', mount)
  await run('umount', mount)
  const copy = join(machine.home, 'copy')
  await run('get', 'demo', '/file', copy)
  await run('put', copy, 'demo')
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
  const all = jsonResults.map(({ command }) => command)
  t.same([...asked, 'devnet stop'].sort(), [...all].sort(), 'each was asked')
})

test('a devnet says that it has stopped', { skip }, async (t) => {
  compare(t, resultOf('devnet stop'), await network!.json('devnet', 'stop'))
})

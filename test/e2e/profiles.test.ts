import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { ConfigFile } from '../../src/daemon/config.ts'
import { Machine, noMounts } from './machine.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)

test(
  'a mount is what the drive, its profile, the environment and flags say',
  { skip },
  async (t) => {
    const machine = await network!.withDrive(t)
    const file = join(machine.home, 'config/config.yaml')
    const drive = ConfigFile.open('', file).value.drives['demo']!
    const mounted = async (variables: NodeJS.ProcessEnv, ...args: string[]) => {
      const path = machine.mountPoint()
      const { code, stderr } = await machine.runIn(variables, 'mount', 'demo', path, ...args)
      t.equal(code, 0, stderr)
      const { readOnly } = await machine.status(path)
      await machine.ok('umount', path)
      return readOnly ? 'read-only' : 'writable'
    }
    t.equal(await mounted({}), 'writable')
    t.equal(await mounted({ WALRUSFS_READ_ONLY: '1' }), 'read-only')
    t.equal(await mounted({ WALRUSFS_READ_ONLY: '1' }, '--no-read-only'), 'writable')
    t.equal(await mounted({ WALRUSFS_READ_ONLY: '1' }, '-o', 'rw'), 'writable')

    const config = ConfigFile.open('', file)
    config.setDrive('demo', { ...drive, profile: 'archive' })
    config.save()
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}profiles: { archive: { readOnly: true }, work: { readOnly: false } }\n`,
    )
    t.equal(await mounted({}), 'read-only')
    t.equal(await mounted({}, '--profile', 'work'), 'writable')
    t.equal(await mounted({}, '-o', 'profile=work'), 'writable')
    t.equal(await mounted({ WALRUSFS_PROFILE: 'work' }), 'writable')
  },
)

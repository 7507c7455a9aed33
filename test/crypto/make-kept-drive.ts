import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { openManifest } from '../../src/manifest/open-manifest.ts'
import { silentLog as log } from '../../src/runtime/log.ts'
import { openSuiAccount } from '../../src/store/chain/sui-account.ts'
import { SuiKey } from '../../src/store/chain/sui-key.ts'
import { devnetParameters } from '../../src/store/networks.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'
import { secretFromText } from '../../src/crypto/secret-text.ts'
import { Machine, tool } from '../e2e/machine.ts'
import { noise } from '../writeback/files.ts'
import { formats, keyOf, readKept } from './kept-drive.ts'

/**
 * Makes a fixture of a format, once for each format that is published: `node test/crypto/make-kept-drive.ts NAME [--public]`.
 * Those that are there are never made anew.
 */
const [name, ...flags] = process.argv.slice(2)
if (!name) throw new Error('say what the fixture is to be called')
const isPublic = flags.includes('--public')
const undo: (() => unknown)[] = []
const machine = await Machine.withDevnet(
  { teardown: (end) => void undo.push(end), setTimeout: () => {} },
  '--nodes',
  '4',
)
try {
  await make(join(formats, name))
} finally {
  for (const end of undo.reverse()) await end()
}

async function make(directory: string): Promise<void> {
  mkdirSync(directory)
  const passphrase = join(directory, 'passphrase')
  if (!isPublic) {
    writeFileSync(passphrase, 'a passphrase of a fixture: Ünter Wasser\n', { mode: 0o600 })
  }
  const ways = ['--passphrase-file', passphrase, '--key-file', join(directory, 'key-file')]
  const made = await machine.json<{ manifest: string; recoveryKey?: string }>(
    'create',
    name!,
    '--network',
    'devnet',
    ...(isPublic ? ['--public'] : ['--no-public', ...ways]),
  )
  const mount = await machine.mount(name, '--append-delay', 'off')
  write(mount)
  await machine.ok('umount', mount)
  const again = await machine.mount(name)
  writeFileSync(join(again, 'in a record'), 'a few bytes')
  await machine.ok('umount', again)
  const packs = join(machine.home, 'cache', 'packs')
  for (const file of readdirSync(packs)) {
    copyFileSync(join(packs, file), join(directory, file.replace(/^\d+-/, '')))
  }
  const { suiUrl, systemObjectId, stakingPoolId } = await machine.json<Record<string, string>>(
    'devnet',
    'status',
  )
  const network = devnetParameters({
    suiUrl: suiUrl!,
    systemObjectId: systemObjectId!,
    stakingPoolId: stakingPoolId!,
  })
  const account = openSuiAccount({ network, signer: undefined, log })
  const { signal } = new AbortController()
  const manifest = await openManifest({ account, id: parseObjectId(made.manifest), log }, signal)
  const { id, sequence, rootSequence, root, inline } = await manifest.load(signal)
  const slots = await manifest.slots(signal)
  await account.close()
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const kept = {
    id,
    sequence: Number(sequence),
    rootSequence: Number(rootSequence),
    root,
    inline: inline.map(base64),
    slots: slots && base64(slots.bytes),
  }
  writeFileSync(join(directory, 'manifest.json'), `${JSON.stringify(kept, undefined, 2)}\n`)
  let key: Uint8Array | undefined
  if (!isPublic) {
    writeFileSync(join(directory, 'recovery-key'), `${made.recoveryKey}\n`, { mode: 0o600 })
    const wallet = readFileSync(join(machine.home, 'config', 'keys', name!), 'utf8')
    writeFileSync(join(directory, 'wallet-key'), SuiKey.fromText(wallet.trim()).toText() + '\n')
    const secret = secretFromText(readFileSync(join(directory, 'key-file'), 'utf8'))!
    key = await keyOf(name!, { kind: 'key-file', secret })
  }
  const expected = await readKept(name!, key)
  writeFileSync(join(directory, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`)
}

function write(mount: string): void {
  mkdirSync(join(mount, 'directory', 'nested'), { recursive: true })
  writeFileSync(join(mount, 'directory', 'nested', 'text'), 'a line of text\n'.repeat(2000))
  writeFileSync(join(mount, 'directory', 'noise'), noise(100_000, 7))
  writeFileSync(join(mount, 'inline'), 'less than a kibibyte')
  writeFileSync(join(mount, 'empty'), '')
  writeFileSync(join(mount, 'sparse'), 'beginning')
  truncateSync(join(mount, 'sparse'), 5_000_000)
  writeFileSync(join(mount, 'sparse'), 'end', { flag: 'a' })
  linkSync(join(mount, 'inline'), join(mount, 'directory', 'hard link'))
  symlinkSync('../inline', join(mount, 'directory', 'symlink'))
  writeFileSync(join(mount, 'Ünïcode ☃'), 'a name beyond ASCII')
  tool('setfattr', ['-n', 'user.note', '-v', 'an extended attribute', join(mount, 'inline')])
  tool('chmod', ['4751', join(mount, 'empty')])
  tool('mkfifo', [join(mount, 'fifo')])
}

import { randomBytes } from 'node:crypto'
import type { Argv } from 'yargs'
import { secretText } from '../../crypto/secret-text.ts'
import { secretBytes, type NewSlot } from '../../crypto/slot-kinds.ts'
import type { SlotReport, SlotsReport } from '../../daemon/change-slots.ts'
import { Keystore } from '../../daemon/keystore.ts'
import type { DriveRequest } from '../../daemon/open-drive.ts'
import { keyFileSecret, readPassphraseFile } from '../../daemon/secret-files.ts'
import { publicKeyOf } from '../../store/chain/sui-key.ts'
import { Trouble } from '../../terms/trouble.ts'
import { askNewPassphrase } from '../ask-secret.ts'
import { command, type Context } from '../command.ts'
import { driveRequest, networkOption } from '../drive-options.ts'
import { driveNamed } from '../find-daemon.ts'

const driveOption = { type: 'string', hidden: true, demandOption: true } as const
const newPassphraseFile = {
  type: 'string',
  requiresArg: true,
  describe: 'The new passphrase is the first line of this file [asked for]',
} as const
const keptKey =
  'The key of the drive itself stays the same: who had it may have kept it, and reads what was and will be stored with it.'

const list = command({
  command: ['list <drive>', '$0'],
  describe: 'List the key slots of a drive',
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive' }),
  options: { drive: driveOption, ...networkOption },
  run: async ({ drive, network }, context) => {
    const { listSlots } = await import('../../daemon/change-slots.ts')
    const report = await listSlots(requestOf(drive, network, context), context.signal)
    context.terminal.result(report, () => reportLines(report))
  },
})

const add = command({
  command: 'add <drive>',
  describe: 'Add a key slot: a passphrase, a key file, another person, or a new recovery key',
  epilog: `The drive is opened as always (--key-file, --passphrase-file, a key that is here, a prompt); what is added says one of the flags
above. Nothing is stored anew. Another person's public key is what walrusfs keys public prints on their machine; they mount the drive by its object id.`,
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive' }),
  options: {
    drive: driveOption,
    passphrase: { type: 'boolean', default: false, describe: 'A passphrase, which is asked for' },
    'new-passphrase-file': newPassphraseFile,
    'new-key-file': {
      type: 'string',
      requiresArg: true,
      describe: 'A key file; made when it is not there',
    },
    for: { type: 'string', requiresArg: true, describe: 'Whoever has the key of this public key' },
    recovery: { type: 'boolean', default: false, describe: 'A recovery key, which is shown once' },
    label: { type: 'string', default: '', requiresArg: true, describe: 'What it is, for people' },
    ...networkOption,
  },
  run: async (flags, context) => {
    const { drive, network, label } = flags
    const { terminal, signal } = context
    const { addSlot } = await import('../../daemon/change-slots.ts')
    const request = requestOf(drive, network, context)
    const { how, recoveryKey } = await newSlot(flags, request)
    const report = await addSlot(request, how, label, signal)
    terminal.result({ ...report, recoveryKey }, () => [
      ...reportLines(report),
      ...(recoveryKey === undefined ? [] : [`recovery  ${recoveryKey}`, 'It is shown this once.']),
    ])
  },
})

const remove = command({
  command: 'remove <drive> <slot>',
  describe: 'Take a key slot away',
  epilog: keptKey,
  positionals: (argv: Argv) =>
    argv
      .positional('drive', { type: 'string', describe: 'Which drive' })
      .positional('slot', { type: 'string', describe: 'Id of the slot, as keys lists it' }),
  options: {
    drive: driveOption,
    slot: { type: 'string', hidden: true, demandOption: true },
    ...networkOption,
  },
  run: async ({ drive, slot, network }, context) => {
    const { removeSlot } = await import('../../daemon/change-slots.ts')
    const report = await removeSlot(requestOf(drive, network, context), slot, context.signal)
    context.terminal.result(report, () => reportLines(report))
    context.terminal.note(keptKey)
  },
})

const changePassphrase = command({
  command: 'change-passphrase <drive>',
  describe: 'Put a new passphrase in the place of one',
  epilog: `Nothing is stored anew. ${keptKey}`,
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive' }),
  options: {
    drive: driveOption,
    'new-passphrase-file': newPassphraseFile,
    slot: {
      type: 'string',
      requiresArg: true,
      describe: 'Id of the slot, where there are several',
    },
    ...networkOption,
  },
  run: async ({ drive, slot, newPassphraseFile: file, network }, context) => {
    const service = await import('../../daemon/change-slots.ts')
    const request = requestOf(drive, network, context)
    const passphrase = await newPassphrase(file, request)
    const report = await service.changePassphrase(request, slot, passphrase, context.signal)
    context.terminal.result(report, () => reportLines(report))
  },
})

const publicKey = command({
  command: 'public [name]',
  describe:
    'Print the public key of a key that is here (made when it is not), to be granted a slot',
  positionals: (argv: Argv) =>
    argv.positional('name', { type: 'string', describe: 'Which key [me]' }),
  options: { name: { type: 'string', hidden: true, default: 'me' } },
  run: async ({ name }, { terminal, directories }) => {
    const keys = new Keystore(directories.config)
    const key = keys.has(name) ? keys.load(name) : keys.create(name)
    const result = { name, publicKey: key.publicText, address: key.toSuiAddress() }
    terminal.result(result, () => [key.publicText])
  },
})

/** `walrusfs keys`. */
export const keys = command({
  command: 'keys <action>',
  describe: 'What opens a sealed drive: list, add and remove key slots',
  positionals: (argv) =>
    argv
      .command([list, add, remove, changePassphrase, publicKey])
      .demandCommand(1, 'Say which drive, or what to do with its keys.'),
  options: {},
  run: async () => {},
})

function requestOf(drive: string, network: string | undefined, context: Context): DriveRequest {
  return driveRequest(driveNamed(context.directories, drive), { network }, true, context)
}

interface AddFlags {
  readonly passphrase: boolean
  readonly newPassphraseFile: string | undefined
  readonly newKeyFile: string | undefined
  readonly for: string | undefined
  readonly recovery: boolean
}

async function newSlot(
  flags: AddFlags,
  request: DriveRequest,
): Promise<{ readonly how: NewSlot; readonly recoveryKey?: string }> {
  const { passphrase, newPassphraseFile: file, newKeyFile, recovery } = flags
  const given = [
    passphrase || file !== undefined,
    newKeyFile !== undefined,
    flags.for !== undefined,
  ]
  if ([...given, recovery].filter(Boolean).length !== 1) {
    throw new Trouble(
      'usage',
      'say what is to be added, one at a time: --passphrase or --new-passphrase-file FILE, --new-key-file FILE, --for PUBLICKEY, --recovery',
    )
  }
  if (newKeyFile !== undefined) {
    return { how: { kind: 'key-file', secret: keyFileSecret(newKeyFile) } }
  }
  if (flags.for !== undefined) return { how: walletSlot(flags.for, request) }
  if (recovery) {
    const secret = randomBytes(secretBytes)
    return { how: { kind: 'recovery', secret }, recoveryKey: secretText(secret) }
  }
  return { how: { kind: 'passphrase', passphrase: await newPassphrase(file, request) } }
}

function walletSlot(text: string, { drive, keys: here }: DriveRequest): NewSlot {
  const recipient = publicKeyOf(text)
  if (!recipient) {
    throw new Trouble(
      'usage',
      `${JSON.stringify(text)} is no public key of the kind that walrusfs keys public prints (an address is none)`,
    )
  }
  if (drive.key === undefined) throw new Trouble('no-key', `no key is known for ${drive.name}`)
  return { kind: 'wallet', sender: here.load(drive.key), recipient }
}

async function newPassphrase(file: string | undefined, { drive }: DriveRequest): Promise<string> {
  if (file === undefined) return askNewPassphrase(drive.name)
  return readPassphraseFile(file).passphrase!
}

function reportLines({ drive, keyId, slots }: SlotsReport): string[] {
  return [`${drive} is sealed with a key of its own (id ${keyId})`, ...slots.map(slotLine)]
}

const kindNames: Readonly<Record<SlotReport['kind'], string>> = {
  passphrase: 'passphrase',
  'key-file': 'key file',
  recovery: 'recovery key',
  wallet: 'wallet',
  unknown: 'unknown',
}

function slotLine({ id, kind, label, createdMs, recipient }: SlotReport): string {
  const made = createdMs === undefined ? '' : new Date(createdMs).toISOString().slice(0, 10)
  const whose = recipient === undefined ? '' : ` ${recipient.slice(0, 16)}…`
  return `${id}  ${kindNames[kind].padEnd(12)}  ${made.padEnd(10)}  ${label}${whose}`.trimEnd()
}

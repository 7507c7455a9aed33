import type { Argv } from 'yargs'
import type { JoinedDrive } from '../../daemon/join-drive.ts'
import { Keystore } from '../../daemon/keystore.ts'
import { command } from '../command.ts'
import { openConfig } from '../drive-options.ts'
import { logOf } from '../log-of.ts'
import { fundFromDevnet, learnDevnet } from '../use-devnet.ts'

/** `walrusfs join`. */
export const join = command({
  command: 'join <manifest>',
  describe: 'Set this machine up for a drive that was made elsewhere',
  epilog: `Makes a key, writes the drive into the configuration, and waits until its owner has run the walrusfs share that it
prints (Ctrl-C ends the waiting, not what was set up; the same command goes on). Then it can be mounted for writing.`,
  positionals: (argv: Argv) =>
    argv.positional('manifest', { type: 'string', describe: 'Object id of the drive’s manifest' }),
  options: {
    manifest: { type: 'string', hidden: true, demandOption: true },
    name: { type: 'string', describe: 'What it is to be called here [as its owner calls it]' },
    network: {
      type: 'string',
      default: 'devnet',
      describe: 'mainnet, testnet, devnet, or a network of the configuration',
    },
    key: {
      type: 'string',
      describe: 'Use this key of keys/ (made when it is not there) [the name]',
    },
    wait: { type: 'boolean', default: true, describe: 'Wait until the owner has shared it' },
  },
  run: async ({ manifest, name, network, key, wait }, context) => {
    const { terminal, signal } = context
    const { objectIdOf } = await import('../../daemon/drive-reference.ts')
    const { joinDrive } = await import('../../daemon/join-drive.ts')
    const id = objectIdOf(manifest)
    const config = openConfig(context, true)
    const keys = new Keystore(context.directories.config)
    if (network === 'devnet') await learnDevnet(config, context)
    const fund = network === 'devnet' ? fundFromDevnet(context) : undefined
    const waiting = (joined: JoinedDrive) => terminal.warn(askFor(joined))
    const request = { manifest: id, network, name, key, config, keys, log: logOf(context), fund }
    const made = await joinDrive({ ...request, wait: wait ? waiting : undefined }, signal)
    terminal.result(made, () =>
      made.writes
        ? [
            `${made.name} is set up on ${network}`,
            `address   ${made.address}`,
            ...(made.opens === false ? [`sealed    ${askToOpen(made)}`] : []),
            `next      walrusfs mount ${made.name} DIRECTORY`,
          ]
        : [
            `${made.name} is set up on ${network}, to be read`,
            `address   ${made.address}`,
            askFor(made),
          ],
    )
  },
})

/** What its owner is to do; of a sealed drive with the key that its slot is for. */
function askFor({ address, publicKey, opens, manifest }: JoinedDrive): string {
  const key = opens === undefined ? '' : ` --public-key ${publicKey}`
  return `its owner is to run: walrusfs share DRIVE ${address}${key} (DRIVE as it is called there, or ${manifest})`
}

function askToOpen({ publicKey }: JoinedDrive): string {
  return `and nothing of it is for this key: its owner is to run: walrusfs keys add DRIVE --for ${publicKey}, or give a passphrase, key file or recovery key to mount (--passphrase-file, --key-file)`
}

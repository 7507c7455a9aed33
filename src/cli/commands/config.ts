import type { Argv } from 'yargs'
import { ConfigFile } from '../../daemon/config.ts'
import { directoriesOf } from '../../daemon/directories.ts'
import { findDrive } from '../../daemon/drive-reference.ts'
import { Keystore } from '../../daemon/keystore.ts'
import { networkOf } from '../../daemon/networks.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command, environmentOptions, type Context } from '../command.ts'
import { defaultConfigText } from '../config-text.ts'
import { driveOptions, networkOption } from '../drive-options.ts'
import { otherVariables, variableOf } from '../environment.ts'
import { effective, nameOf, profileNameOf, settingLayers } from '../setting-layers.ts'

const systemOption = {
  system: {
    type: 'boolean',
    default: false,
    describe: 'That of system mounts (fstab, systemd), in /etc/walrusfs',
  },
} as const

const init = command({
  command: 'init',
  describe: 'Write a configuration file with every key, commented out, and its default',
  epilog: 'A file that is there already is never written over.',
  options: {
    ...systemOption,
    print: { type: 'boolean', default: false, describe: 'Print it instead of writing it' },
  },
  run: async ({ system, print }, context) => {
    const text = defaultConfigText()
    if (print) {
      process.stdout.write(text)
      return
    }
    const path = fileOf(context, system)
    ConfigFile.write(path, text)
    context.terminal.result({ path }, () => [
      `${path} is written; every key is in it, commented out`,
    ])
  },
})

const path = command({
  command: 'path',
  describe: 'Print where the configuration file is, or would be',
  options: systemOption,
  run: async ({ system }, context) => {
    const file = fileOf(context, system)
    context.terminal.result({ path: file, exists: ConfigFile.exists(file) }, () => [file])
  },
})

const show = command({
  command: 'show [drive]',
  describe: 'How a drive would be mounted: every option, and where its value comes from',
  epilog: `Takes the flags of mount, to see what they change. An option is what the first of these says: flag, environment, the drive's own
mount section, its profile, the mount section of the file, default. Without a drive: what holds for every drive.`,
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive' }),
  options: {
    drive: { type: 'string', hidden: true },
    ...systemOption,
    ...networkOption,
    ...driveOptions,
  },
  run: async (args, context) => {
    const file = fileOf(context, args.system)
    const config = ConfigFile.open('', file, context.configFile === undefined).value
    const drive = args.drive === undefined ? undefined : findDrive(args.drive, config, args.network)
    const asked = { drive: drive?.name, flags: args, options: driveOptions }
    const settings = effective(settingLayers(asked, config, process.env))
    const profile = profileNameOf(asked, config, process.env).name
    const shown = { path: file, drive: drive?.name, network: drive?.network, profile, settings }
    context.terminal.result(shown, () => [
      ...row('file', ConfigFile.exists(file) ? file : `${file} (not there yet)`),
      ...(drive ? row('drive', `${drive.name} on ${drive.network}`) : []),
      ...(profile === undefined ? [] : row('profile', profile)),
      ...settings.flatMap(({ key, value, where }) =>
        row(nameOf(key), `${valueText(value).padEnd(10)} ${where}`),
      ),
    ])
  },
})

const check = command({
  command: 'check',
  describe: 'Say whether the configuration is right, and what of the environment means nothing',
  epilog: 'Exit codes: 0 all is right; 3 something is not.',
  options: systemOption,
  run: async ({ system }, context) => {
    const file = fileOf(context, system)
    const config = ConfigFile.open('', file).value
    const keys = new Keystore(directoriesFor(context, system).config)
    const problems = [
      ...Object.entries(config.drives).flatMap(([name, { network, key }]) => [
        ...problemOf(`drives.${name}.network`, () => networkOf(network, config)),
        ...(key === undefined ? [] : problemOf(`drives.${name}.key`, () => keys.load(key))),
      ]),
      ...problemOf('environment', () => settingLayers(noDrive, config, process.env)),
      ...unknownVariables(process.env),
    ]
    const names = { drives: Object.keys(config.drives), profiles: Object.keys(config.profiles) }
    context.terminal.result({ path: file, ...names, problems }, () => [
      ...problems,
      ...(problems.length ? [] : [`${file} is right: ${count(names.drives, 'drive')}`]),
    ])
    if (problems.length) throw new Trouble('config', `${file}: see above; nothing was changed`)
  },
})

/** `walrusfs config`. */
export const config = command({
  command: 'config <action>',
  describe: 'The configuration file: write a commented one, show what holds and why, check it',
  positionals: (argv) =>
    argv
      .command([init, show, path, check])
      .demandCommand(1, 'Say what to do with the configuration.'),
  options: {},
  run: async () => {},
})

const noDrive = { drive: undefined, flags: {}, options: driveOptions }

function directoriesFor({ directories }: Context, system: boolean) {
  return system ? directoriesOf(process.env, true) : directories
}

function fileOf(context: Context, system: boolean): string {
  return ConfigFile.pathIn(directoriesFor(context, system).config, context.configFile)
}

function problemOf(where: string, look: () => unknown): string[] {
  try {
    look()
    return []
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return [`${where}: ${error.message}`]
  }
}

/** Variables that look like ours and that nothing reads: a letter too many goes unseen otherwise. */
function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const plain = environmentOptions({ ...networkOption, ...extraFlags })
  const flags = [...Object.keys(driveOptions), ...Object.keys(plain)]
  const known = new Set([...flags.map(variableOf), ...Object.keys(otherVariables)])
  return Object.keys(env)
    .filter((name) => name.startsWith('WALRUSFS_') && !known.has(name))
    .map((name) => `environment: nothing reads ${name}`)
}

const extraFlags = {
  foreground: { type: 'boolean' },
  'accept-rollback': { type: 'boolean' },
} as const

function row(key: string, value: string): string[] {
  return [`${key.padEnd(16)} ${value}`]
}

function valueText(value: string | number | boolean | undefined): string {
  if (value === undefined) return '-'
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}

function count(names: readonly string[], what: string): string {
  return `${names.length} ${what}${names.length === 1 ? '' : 's'}`
}

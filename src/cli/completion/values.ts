import { ConfigFile } from '../../daemon/config.ts'
import type { Config } from '../../daemon/config-schema.ts'
import { directoriesOf, type Directories } from '../../daemon/directories.ts'
import { runningDaemons } from '../find-daemon.ts'

const publicNetworks = ['mainnet', 'testnet', 'devnet']

/**
 * `walrusfs __values KIND WORD…`: what completions ask while somebody types the words, a line each. Whatever goes wrong, they are told
 * nothing.
 */
function printValues([kind, ...words]: readonly string[]): void {
  try {
    const values = valuesOf(kind ?? '', words, directoriesOf(process.env))
    if (values.length) process.stdout.write(`${[...new Set(values)].join('\n')}\n`)
  } catch {
    // The command itself will say it.
  }
}

function valuesOf(
  kind: string,
  words: readonly string[],
  directories: Directories,
): readonly string[] {
  const config = () => configOf(words, directories)
  switch (kind) {
    case 'drives':
      return Object.keys(config().drives)
    case 'mounts':
      return runningDaemons(directories).flatMap(({ mountPoint, drive }) => [mountPoint, drive])
    case 'drives-and-mounts':
      return [...Object.keys(config().drives), ...valuesOf('mounts', words, directories)]
    case 'networks':
      return [...publicNetworks, ...Object.keys(config().networks)]
    case 'profiles':
      return Object.keys(config().profiles)
    default:
      return []
  }
}

function configOf(words: readonly string[], { config }: Directories): Config {
  const at = words.findIndex((word) => /^--config(=|$)/.test(word))
  const [, joined] = words[at]?.split(/=(.*)/) ?? []
  const file = joined ?? (at < 0 ? process.env['WALRUSFS_CONFIG'] : words[at + 1])
  return ConfigFile.open(config, file || undefined).value
}

printValues(process.argv.slice(3))

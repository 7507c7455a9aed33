import { configKeys } from '../../daemon/config-schema.ts'
import { settingDefaults } from '../../daemon/settings.ts'
import { aboutKeys, aboutOption, defaultConfigText } from '../config-text.ts'
import { variableOf } from '../environment.ts'
import { nameOf } from '../setting-layers.ts'
import { seeAlso, type PageFacts } from './command-page.ts'
import { bold, item, literal, page, part, prose, type Page } from './roff.ts'

/** walrusfs-config(5), from the schema that the file is checked with. */
export function configPage(facts: PageFacts): Page {
  return page(
    { name: 'walrusfs-config', section: 5, describe: 'the configuration of walrusfs', ...facts },
    part('description', prose(description)),
    part('sections', [
      ...prose(
        'networks: how each is reached, by name. For mainnet and testnet all has a default.',
      ),
      ...keyItems(aboutKeys.networks),
      '.PP',
      ...prose('drives, by name:'),
      ...keyItems(aboutKeys.drives),
      '.PP',
      ...prose(
        'profiles: sets of options, by name. mount: options of every drive. Both have the keys that follow.',
      ),
    ]),
    part('options of a mount', configKeys.mount.flatMap(optionItem)),
    part('what goes before what', prose(order)),
    part('the default file', [
      ...prose('walrusfs config init writes it, and never over one that is there:'),
      ...literal(defaultConfigText().trimEnd()),
    ]),
    part('see also', seeAlso(['walrusfs-config(1)', 'mount.walrusfs(8)'])),
  )
}

const description = `A YAML file: ~/.config/walrusfs/config.yaml, or config/config.yaml in WALRUSFS_HOME, or what --config names; /etc/walrusfs/config.yaml for mounts of fstab and of system units. walrusfs create writes networks and drives into it and keeps comments.

A key that is not known, or a value that cannot be meant, is refused in one line that names it, and nothing is started. walrusfs config check looks at all of it.`

const order = `An option is what the first of these says: a flag of the command, or -o; the environment; the drive's own mount section; its profile, which the drive names or --profile; the mount section of the file; the default. walrusfs config show DRIVE says for each what holds, and who says so.`

function keyItems(keys: Record<string, readonly [string, string]>): string[] {
  return Object.entries(keys).flatMap(([key, [what]]) => item(bold(key), `${what}.`))
}

function optionItem(key: keyof typeof settingDefaults): string[] {
  const value = settingDefaults[key]
  const usual = value === undefined ? 'no limit' : String(value)
  return item(
    bold(key),
    `${aboutOption(key)}. Default: ${usual}. Flag --${nameOf(key)}, variable ${variableOf(nameOf(key))}.`,
  )
}

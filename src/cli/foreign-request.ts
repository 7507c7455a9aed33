import type { ForeignRequest } from '../daemon/open-foreign.ts'
import { foreignReference } from '../daemon/foreign-reference.ts'
import { networkOf } from '../daemon/networks.ts'
import { announceWarning } from './background.ts'
import type { Context } from './command.ts'
import { openConfig, optionsOfDrive, settings, type SettingFlags } from './drive-options.ts'
import { logOf } from './log-of.ts'

/** Of who looks at sites. */
export const asStoredOption = {
  'as-stored': {
    type: 'boolean',
    default: false,
    describe: 'Of a site: show compressed files as they are stored',
  },
} as const

export type ForeignFlags = SettingFlags & { readonly asStored?: boolean | undefined }

/** All that opening `blob:ID`, `quilt:ID` or `site:ID` takes; undefined for a drive. Throws Trouble. */
export function foreignRequest(
  text: string,
  flags: ForeignFlags,
  context: Context,
): ForeignRequest | undefined {
  const config = openConfig(context).value
  const reference = foreignReference(text, config, flags.network)
  return (
    reference && {
      reference,
      network: networkOf(reference.network, config),
      directories: context.directories,
      settings: settings(optionsOfDrive(text, flags, config)),
      asStored: flags.asStored === true,
      log: logOf(context),
      warn: (warning) => {
        announceWarning(warning)
        context.terminal.warn(warning)
      },
    }
  )
}

import { basename, resolve } from 'node:path'
import type { Argv } from 'yargs'
import { Keystore } from '../../daemon/keystore.ts'
import { networkOf } from '../../daemon/networks.ts'
import { payerOf } from '../../daemon/publish-key.ts'
import type { Afterwards, PublishRequest, Published } from '../../daemon/publish-directory.ts'
import {
  publishSite,
  siteIdOf,
  sitePackageOf,
  type PublishedSite,
} from '../../daemon/publish-site.ts'
import { bytesText, counted } from '../../daemon/quantity.ts'
import { walText } from '../../renewal/wal.ts'
import { silentLog } from '../../runtime/log.ts'
import type { NetworkParameters } from '../../store/networks.ts'
import { command, type Context } from '../command.ts'
import {
  networkOption,
  openConfig,
  settingOptions,
  optionsOfDrive,
  settings,
} from '../drive-options.ts'
import { logOf } from '../log-of.ts'

/** `walrusfs publish`. */
export const publish = command({
  command: 'publish <dir>',
  describe: 'Store a directory as quilts that any aggregator serves, or as a Walrus Site',
  epilog: `Everybody can read what is published. The files of the directory become files of a quilt, or of several where one does not hold
them all, named by their paths, with their content type as a tag. What is stored already is not paid for again.`,
  positionals: (argv: Argv) =>
    argv.positional('dir', { type: 'string', describe: 'What to publish' }),
  options: {
    dir: { type: 'string', hidden: true, demandOption: true },
    epochs: settingOptions.epochs,
    permanent: {
      type: 'boolean',
      default: false,
      describe: 'It cannot be deleted before what is paid for ends',
    },
    as: {
      choices: ['quilt', 'site'] as const,
      default: 'quilt',
      describe: 'Quilts alone, or a Walrus Site that shows them',
    },
    name: { type: 'string', describe: 'Of the site [that of the directory]' },
    site: { type: 'string', describe: 'The site to change [your own of that name, or a new one]' },
    key: { type: 'string', describe: 'Which key pays [that of the only drive]' },
    ...networkOption,
    codec: settingOptions.codec,
  },
  run: async (args, context) => {
    const { publishDirectory } = await import('../../daemon/publish-directory.ts')
    const request = publishRequest(args, context)
    const { made, afterwards } = siteWork(args as SiteFlags)
    if (args.as === 'site') sitePackageOf(request)
    const published = await publishDirectory(request, context.signal, afterwards)
    for (const path of published.leftOut) {
      context.terminal.warn(`${path} is no regular file with a name in UTF-8; left out`)
    }
    const result = { ...resultOf(published, request.network), site: made.site }
    context.terminal.result(result, () => linesOf(result))
  },
})

interface PublishFlags {
  readonly dir: string
  readonly epochs: number | undefined
  readonly permanent: boolean
  readonly key: string | undefined
  readonly network: string | undefined
  readonly codec: 'auto' | 'simd' | 'scalar' | 'official' | undefined
}

/** All that publishing takes. Throws Trouble. */
function publishRequest(flags: PublishFlags, context: Context): PublishRequest {
  const { dir, epochs, permanent, key, network, codec } = flags
  const config = openConfig(context).value
  const keys = new Keystore(context.directories.config)
  const payer = payerOf(config, keys, { key, network })
  return {
    directory: dir,
    network: networkOf(payer.network, config),
    key: payer.key,
    keys,
    directories: context.directories,
    settings: settings(optionsOfDrive('', { epochs, codec }, config)),
    permanent,
    // The result says what went wrong; the log of it is for those who ask.
    log: context.verbose > 0 ? logOf(context) : silentLog,
    progress: (step) => context.terminal.progress(step),
  }
}

/** Makes the site once the quilts are there. */
function siteWork({ as, dir, name, site }: SiteFlags): {
  readonly made: { site?: PublishedSite }
  readonly afterwards: Afterwards
} {
  const made: { site?: PublishedSite } = {}
  if (as !== 'site') return { made, afterwards: async () => {} }
  const wish = { name: name ?? basename(resolve(dir)), site: siteIdOf(site) }
  const afterwards: Afterwards = async (connection, quilts, signal) => {
    made.site = await publishSite(connection, quilts, wish, signal)
  }
  return { made, afterwards }
}

interface SiteFlags {
  readonly as: 'quilt' | 'site'
  readonly dir: string
  readonly name: string | undefined
  readonly site: string | undefined
}

type Result = ReturnType<typeof resultOf> & { readonly site: PublishedSite | undefined }

function resultOf({ quilts, ...rest }: Published, { aggregatorUrl }: NetworkParameters) {
  return {
    ...rest,
    quilts: quilts.map(({ files, ...quilt }) => ({
      ...quilt,
      files: files.map((file) => {
        const url = aggregatorUrl && `${aggregatorUrl}/v1/blobs/by-quilt-patch-id/${file.patchId}`
        return { ...file, url }
      }),
    })),
  }
}

function linesOf({ network, quilts, paid, site }: Result): string[] {
  const files = quilts.flatMap((quilt) => quilt.files)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const cost = paid === '0' ? 'nothing, it was stored already' : walText(BigInt(paid))
  return [
    ...quilts.flatMap((quilt) => [
      `quilt ${quilt.blobId}, stored till epoch ${quilt.endEpoch}${quilt.deletable ? '' : ', permanent'}`,
      ...quilt.files.map(({ path, patchId, url }) => `  ${url ?? patchId}  ${path}`),
    ]),
    ...(site ? [siteText(site)] : []),
    `${counted(files.length, 'file')}, ${bytesText(bytes)}, published on ${network} for ${cost}`,
  ]
}

function siteText({ id, base36, name, isNew, added, removed }: PublishedSite): string {
  const what = isNew ? 'new' : `${added} added, ${removed} taken away`
  return `site ${name} ${id} (${base36}), ${what}`
}

import { aboutOption } from '../config-text.ts'
import { keyOf } from '../environment.ts'
import { mountOptionNames } from '../mount-options.ts'
import { seeAlso, type PageFacts } from './command-page.ts'
import { bold, italic, item, literal, page, part, prose, type Page } from './roff.ts'

/** mount.walrusfs(8): what mount(8) and fstab do. */
export function helperPage(facts: PageFacts): Page {
  return page(
    {
      name: 'mount.walrusfs',
      section: 8,
      describe: 'mounts a walrusfs drive for mount(8) and fstab',
      ...facts,
    },
    part('synopsis', [
      `${bold('mount -t walrusfs')} [${bold('-o')} ${italic('options')}] ${italic('drive')} ${italic('directory')}`,
    ]),
    part('description', prose(description)),
    part('options', [
      ...item(
        `${bold('uid=')}${italic('user')}`,
        'The daemon runs as this user without any capability; mount.fuse3(8) opens /dev/fuse for it as root.',
      ),
      ...mountOptionNames.flatMap(optionItem),
    ]),
    part('examples', [
      ...prose('A line of /etc/fstab that mounts at the first use, when the network is there:'),
      ...literal(
        'photos  /srv/photos  walrusfs  _netdev,nofail,x-systemd.automount,x-systemd.mount-timeout=5min,allow_other,uid=walrusfs  0 0',
      ),
      '.PP',
      ...prose(
        'umount(8) of such a mount returns at once; the daemon stores the rest and ends. walrusfs umount waits for it.',
      ),
    ]),
    part(
      'files',
      item(
        italic('/etc/walrusfs/config.yaml'),
        'The drives of system mounts, with keys/ beside it.',
      ),
    ),
    part('see also', seeAlso(['walrusfs-mount(1)', 'mount(8)', 'fstab(5)', 'systemd.mount(5)'])),
  )
}

const description = `mount(8) calls it for file systems of the type walrusfs. It takes its configuration from /etc/walrusfs and keeps state and cache in /var. It says nothing when all goes well, and ends when the drive answers. The type fuse.walrusfs does the same by mount.fuse3(8).

Options that mount(8) keeps for itself (noauto, nofail, user, _netdev, x-...) are left alone.`

function optionItem(name: string): string[] {
  const [bare = name, value] = name.split('=')
  const key = keyOf(bare.replace(/^no(?=auto_|pass|excl)/, '').replaceAll('_', '-'))
  const about = known[bare] ?? aboutOption(key)
  const text = /^no(auto_renew|passthrough|exclusive)$/.test(bare) ? `Not: ${about}` : about
  const shown = value === undefined ? bold(bare) : `${bold(`${bare}=`)}${italic('value')}`
  return item(shown, text === '' ? 'As mount(8) has it.' : `${text}.`)
}

const known: Readonly<Record<string, string>> = {
  ro: 'Change nothing; no key is needed',
  rw: 'Writable; the default',
  remount: 'With ro or rw: change that of a mount',
  relatime: 'Reading sets access times, at most once a day',
  strictatime: 'As relatime',
  noatime: 'Reading sets no access times; the default',
  network: 'Which network, where the drive is an object id',
  nonempty: 'Mount over files that are there',
  default_permissions: 'The kernel checks permissions',
}

import type { Argv } from 'yargs'
import { entriesOf, inodeAt, isDirectory, textOf } from '../../daemon/drive-files.ts'
import { bytesText, timeText } from '../../daemon/quantity.ts'
import type { Inode } from '../../tree/inode.ts'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { asStoredOption } from '../foreign-request.ts'
import { withFiles } from '../with-files.ts'

const typeLetters: Readonly<Record<number, string>> = {
  0o01: 'p',
  0o02: 'c',
  0o04: 'd',
  0o06: 'b',
  0o10: '-',
  0o12: 'l',
  0o14: 's',
}

/** `walrusfs ls`. */
export const ls = command({
  command: 'ls <drive> [path]',
  describe: 'List a directory of a drive, a quilt or a site without mounting it',
  positionals: (argv: Argv) =>
    argv
      .positional('drive', {
        type: 'string',
        describe: 'Which drive, or blob:ID, quilt:ID, site:ID',
      })
      .positional('path', { type: 'string', default: '/', describe: 'Directory or file' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    path: { type: 'string', hidden: true, default: '/' },
    long: {
      type: 'boolean',
      alias: 'l',
      default: false,
      describe: 'Mode, owner, size and time, too',
    },
    ...networkOption,
    ...asStoredOption,
  },
  run: async ({ drive, path, long, network, asStored }, context) => {
    const rows = await withFiles(drive, { network, asStored }, context, async (opened) => {
      const inode = await inodeAt(opened, path)
      const entries = isDirectory(inode)
        ? (await entriesOf(opened, inode)).map(
            (entry) => [textOf(entry.name), entry.inode] as const,
          )
        : [[path, inode] as const]
      return entries.map(([name, entry]) => rowOf(name, entry))
    })
    context.terminal.result(rows, () => rows.map((row) => (long ? longText(row) : row.name)))
  },
})

type Row = ReturnType<typeof rowOf>

function rowOf(name: string, inode: Inode) {
  const { ino, mode, nlink, uid, gid, size, mtimeSec, mtimeNsec, target } = inode
  return {
    name,
    ino,
    mode,
    nlink,
    uid,
    gid,
    size,
    mtime: mtimeSec + mtimeNsec / 1e9,
    target: target && Buffer.from(target).toString(),
  }
}

function longText({ name, mode, nlink, uid, gid, size, mtime, target }: Row): string {
  const time = timeText(mtime * 1000)
    .replace(/:\d\d\.\d{3}Z$/, '')
    .replace('T', ' ')
  const columns = [nlink, uid, gid].map((value) => String(value).padStart(5)).join(' ')
  const link = target === undefined ? '' : ` -> ${target}`
  return `${modeText(mode)} ${columns} ${bytesText(size).padStart(10)} ${time} ${name}${link}`
}

/** As ls(1) writes it. */
export function modeText(mode: number): string {
  const bits = 'rwxrwxrwx'.split('').map((letter, i) => (mode & (0o400 >> i) ? letter : '-'))
  const special = (bit: number, at: number, [on, off]: string) => {
    if (mode & bit) bits[at] = bits[at] === 'x' ? on! : off!
  }
  special(0o4000, 2, 'sS')
  special(0o2000, 5, 'sS')
  special(0o1000, 8, 'tT')
  return (typeLetters[mode >> 12] ?? '?') + bits.join('')
}

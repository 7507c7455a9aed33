import type { Field, JsonResult } from './fields.ts'

/** A change of a path. */
const change = (at: string, isOptional = ''): readonly Field[] => [
  [`${at}.change`, `string${isOptional}`, 'added, removed, changed or moved'],
  [`${at}.path`, `string${isOptional}`, 'Its path, after the change where there is one'],
  [`${at}.from`, 'string?', 'Of something that moved: its path before'],
  [
    `${at}.type`,
    `string${isOptional}`,
    'file, directory, symlink, device, pipe or socket; of what was removed, what it was',
  ],
  [`${at}.typeBefore`, 'string?', 'Where it was something else before: what'],
  [`${at}.size`, 'number?', 'Of a file: bytes; of a removed one, those that it had'],
  [`${at}.sizeBefore`, 'number?', 'Of a file that was there before: bytes then'],
  [`${at}.content`, 'boolean?', 'Its bytes, target or device differ; changed or moved only'],
  [
    `${at}.attributes`,
    'boolean?',
    'Its mode, owner, extended attributes or time differ; changed or moved only',
  ],
]

const counts = (at: string, type: string): readonly Field[] => [
  [`${at}.added`, type, 'Paths that came'],
  [`${at}.removed`, type, 'Paths that went'],
  [`${at}.changed`, type, 'Paths whose bytes or attributes changed'],
  [`${at}.moved`, type, 'Paths that moved; a directory with all in it counts once'],
]

const snapshotRow = (at: string): readonly Field[] => [
  [`${at}id`, 'string', 'Object id of the snapshot: mount it by this'],
  [`${at}sequence`, 'number', 'The commit that it froze, counted from 0'],
  [`${at}timeMs`, 'number?', 'When its last change was: ms since 1970'],
  [`${at}usedBytes`, 'number?', 'Bytes of files in it'],
  [`${at}usedInodes`, 'number?', 'Files and directories in it'],
]

const emptySnapshot = 'Of an empty drive, and where what it shows is gone, id and sequence alone.'

/** What commands print that look at earlier states of a drive and bring them back. */
export const ofHistory: readonly JsonResult[] = [
  {
    command: 'log',
    about:
      'An array, newest first. With a PATH only commits that changed it or something below it, and of their changes only those.',
    fields: [
      ['[].sequence', 'number', 'The commit, counted from 0'],
      ['[].timeMs', 'number', 'When: ms since 1970'],
      ['[].writer', 'string', 'The machine that made it'],
      ['[].usedBytes', 'number', 'Bytes of files after it'],
      ['[].usedInodes', 'number', 'Files and directories after it'],
      ['[].blob', 'string?', 'The pack of its root; absent where it lies in the manifest'],
      ['[].whole', 'boolean', 'All that it shows is kept; false: gc gave a part of it up'],
      // Absent together, where what was before is gone.
      ...counts('[].changes', 'number?'),
      ['[].paths[]', 'array?', 'With --names or -v: what it changed, by path'],
      ...change('[].paths[]', '?'),
    ],
  },
  {
    command: 'diff',
    about: 'Exit status 1 with --exit-code where something differs.',
    fields: [
      ['drive', 'string', 'Its name'],
      ['from.sequence', 'number', 'The earlier state: its commit, 0: before the first'],
      ['from.timeMs', 'number', 'When that was: ms since 1970'],
      ['to.sequence', 'number', 'The later state: its commit'],
      ['to.timeMs', 'number', 'When that was: ms since 1970'],
      ...counts('counts', 'number'),
      ['changes[]', 'array', 'What changed, by path'],
      ...change('changes[]'),
    ],
  },
  {
    command: 'restore',
    form: '--to',
    fields: [
      ['files', 'number', 'Files that were restored'],
      ['bytes', 'number', 'Bytes of them'],
      ['leftOut', 'number', 'Entries that are neither file, directory nor symlink'],
      ['xattrsLeftOut', 'number', 'Extended attributes that this machine has not taken'],
      ['target', 'string', 'Where they are on this machine'],
    ],
  },
  {
    command: 'restore',
    form: '--in-place',
    about: 'restore --into-drive prints the same.',
    fields: [
      ['drive', 'string', 'Its name'],
      ['from.sequence', 'number', 'The state that it was taken from: its commit'],
      ['from.timeMs', 'number', 'When that was: ms since 1970'],
      ['path', 'string', 'Where it is in the drive now'],
      ['kept', 'string?', 'Where that is now which stood there; absent where nothing did'],
      ['files', 'number', 'Files that were restored'],
      ['directories', 'number', 'Directories that were made'],
      ['bytes', 'number', 'Bytes that the files show; none of them was uploaded'],
      ['sequence', 'string', 'The commit that has it'],
    ],
  },
  { command: 'snapshot', about: emptySnapshot, fields: snapshotRow('') },
  {
    command: 'snapshot',
    form: '--list',
    about: `An array, oldest first. ${emptySnapshot}`,
    fields: snapshotRow('[].'),
  },
]

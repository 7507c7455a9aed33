import type { Field, JsonResult } from './fields.ts'

const pins: readonly Field[] = [
  ['[].drive', 'string', 'Its name'],
  ['[].mountPoint', 'string', 'Where it is mounted'],
  ['[].count', 'number', 'Paths that are pinned'],
  ['[].bytes', 'number', 'Stored bytes that are to be kept: files, and the directories of them'],
  ['[].presentBytes', 'number', 'Of them, those that are'],
  ['[].limitBytes', 'number', 'What all pins of the cache directory may take'],
  ['[].why', 'string?', 'Why it does not go on at the moment'],
  ['[].pins[]', 'array', 'Each of them'],
  ['[].pins[].path', 'string', 'In the drive'],
  ['[].pins[].state', 'string', 'present, fetching, waiting, or gone: nothing is there now'],
  ['[].pins[].files', 'number', 'Regular files below it'],
  ['[].pins[].bytes', 'number', 'Stored bytes below it'],
]

/** What commands print that are about the disk cache. */
export const ofCache: readonly JsonResult[] = [
  {
    command: 'warmup',
    about: 'Exit status 9 or 13 where failedFiles is not 0.',
    fields: [
      ['drive', 'string', 'Its name; of several, separated by commas'],
      ['files', 'number', 'Regular files'],
      ['bytes', 'number', 'Stored bytes of them'],
      ['presentBytes', 'number', 'Of them, those that were in the disk cache already'],
      ['fetchedBytes', 'number', 'Of them, those that were fetched'],
      ['localBytes', 'number', 'Bytes that are only on this machine so far'],
      ['failedFiles', 'number', 'Files of which something could not be fetched'],
      ['failed[]', 'array', 'The first hundred of them'],
      ['failed[].path', 'string', 'In the drive'],
      ['failed[].why', 'string', 'In words'],
      ['failed[].again', 'boolean', 'Trying again can help'],
      ['cacheBytes', 'number', 'What the disk cache may keep beside what is pinned'],
    ],
  },
  {
    command: 'offline',
    fields: [
      ['drive', 'string', 'Its name'],
      ['offline', 'boolean', 'The network is not used'],
      ['dirtyBytes', 'number', 'Bytes that are only on this machine'],
    ],
  },
  {
    command: 'bwlimit',
    fields: [
      ['drive', 'string', 'Its name'],
      ['limit', 'string', 'As it was given; off: none'],
      ['up', 'number?', 'Bytes a second to storage nodes now; absent: no limit'],
      ['down', 'number?', 'The same from storage nodes'],
    ],
  },
  { command: 'pin', about: 'An array, an element a mount.', fields: pins },
  { command: 'unpin', about: 'The same.', fields: pins },
]

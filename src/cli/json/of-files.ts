import type { JsonResult } from './fields.ts'

const nodeFields = (at: string): JsonResult['fields'] => [
  [`${at}.name`, 'string', 'Of a storage node'],
  [`${at}.url`, 'string', 'Where it is'],
  [`${at}.shards`, 'number', 'Shards that it holds'],
  [`${at}.state`, 'string', 'running or stopped'],
  [`${at}.faults[]`, 'array', 'What is broken on purpose'],
  [`${at}.faults[].*`, 'any', 'How'],
  [`${at}.blobs`, 'number', 'Blobs that it holds slivers of'],
]

/** What commands print that look at files, at the configuration, and at the local network. */
export const ofFiles: readonly JsonResult[] = [
  {
    command: 'ls',
    about: 'An array.',
    fields: [
      ['[].name', 'string', 'Its name'],
      ['[].ino', 'number', 'Inode number'],
      ['[].mode', 'number', 'Type and permissions, as stat(2) has them'],
      ['[].nlink', 'number', 'Links'],
      ['[].uid', 'number', 'Owner'],
      ['[].gid', 'number', 'Group'],
      ['[].size', 'number', 'Bytes'],
      ['[].mtime', 'number', 'Modification time: s since 1970'],
      ['[].target', 'string?', 'Of a symlink'],
    ],
  },
  {
    command: 'get',
    fields: [
      ['files', 'number', 'Files that were copied'],
      ['bytes', 'number', 'Bytes of them'],
      ['leftOut', 'number', 'Entries that are neither file, directory nor symlink'],
      ['xattrsLeftOut', 'number', 'Extended attributes that this machine has not taken'],
      ['target', 'string', 'Where they are'],
    ],
  },
  {
    command: 'put',
    fields: [
      ['files', 'number', 'Files that were copied'],
      ['bytes', 'number', 'Bytes of them'],
      ['leftOut[]', 'array', 'Paths that are neither file, directory nor symlink'],
      ['sequence', 'string', 'The commit that has them'],
    ],
  },
  {
    command: 'config path',
    fields: [
      ['path', 'string', 'The file'],
      ['exists', 'boolean', 'It is there'],
    ],
  },
  { command: 'config init', fields: [['path', 'string', 'The file that was written']] },
  {
    command: 'config show',
    fields: [
      ['path', 'string', 'The file'],
      ['drive', 'string?', 'Of which drive'],
      ['network', 'string?', 'Where it is'],
      ['profile', 'string?', 'Its profile'],
      ['settings[]', 'array', 'Every option of a mount'],
      ['settings[].key', 'string', 'Its key'],
      ['settings[].value', 'any?', 'Text, number or truth; absent: no limit'],
      ['settings[].source', 'string', 'flag, environment, drive, profile, file or default'],
      ['settings[].where', 'string', 'The flag, the variable or the key that says so'],
    ],
  },
  {
    command: 'config check',
    about: 'Exit status 3 where there are problems.',
    fields: [
      ['path', 'string', 'The file'],
      ['drives[]', 'array', 'Names'],
      ['profiles[]', 'array', 'Names'],
      ['problems[]', 'array', 'What is wrong, a line each'],
    ],
  },
  {
    command: 'devnet status',
    about: 'devnet start prints the same.',
    fields: [
      ['directory', 'string', 'Where it is kept'],
      ['pid', 'number', 'Its process'],
      ['suiUrl', 'string', 'The full node'],
      ['faucetUrl', 'string', 'The faucet'],
      ['systemObjectId', 'string', 'The system object of Walrus'],
      ['stakingPoolId', 'string', 'The staking object'],
      ['walType', 'string', 'The type of WAL'],
      ['epoch', 'number', 'The Walrus epoch'],
      ['epochDurationMs', 'number', 'How long an epoch is, ms'],
      ['maxEpochsAhead', 'number', 'So far ahead storage can be paid'],
      ['prices.storage', 'string', 'FROST (1e-9 WAL) for a billed MiB, an epoch'],
      ['prices.write', 'string', 'FROST for a billed MiB, once'],
      ['shards', 'number', 'All of them'],
      ['nodes[]', 'array', 'Storage nodes'],
      ...nodeFields('nodes[]'),
      ['suiFaults[]', 'array', 'What is broken on purpose'],
      ['suiFaults[].*', 'any', 'How'],
      ['blobIds[]', 'array', 'Blobs that are stored'],
    ],
  },
  { command: 'devnet epoch', fields: [['epoch', 'number', 'The epoch that began']] },
  { command: 'devnet fault', about: 'An array.', fields: nodeFields('[]') },
  {
    command: 'devnet faucet',
    fields: [
      ['address', 'string', 'Who got it'],
      ['sui', 'number', 'SUI'],
      ['wal', 'number', 'WAL'],
    ],
  },
  { command: 'devnet stop', fields: [['stopped', 'boolean', 'It has stopped']] },
]

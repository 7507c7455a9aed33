import { frost, type Field, type JsonResult } from './fields.ts'

const slots: readonly Field[] = [
  ['drive', 'string', 'Its name'],
  ['keyId', 'string', 'Id of the key that it is sealed with'],
  ['slots[]', 'array', 'Its key slots, as they are now'],
  ['slots[].id', 'string', 'What remove and change-passphrase know it by'],
  ['slots[].kind', 'string', 'passphrase, key-file, recovery, wallet or unknown'],
  ['slots[].label', 'string', 'What it is, for people; may be empty'],
  [
    'slots[].createdMs',
    'number?',
    'Since when: ms since 1970; absent for a kind that this version does not know',
  ],
  ['slots[].recipient', 'string?', 'Of a wallet: the Ed25519 public key that it is for, hex'],
]

const slotGrant =
  'Of a sealed drive: granted, there or unknown: whether that account has a key slot, and whether it got it now'

/** What commands print that let others read or change something. */
export const ofSharing: readonly JsonResult[] = [
  {
    command: 'join',
    fields: [
      ['name', 'string', 'What the drive is called here'],
      ['network', 'string', 'Where it is'],
      ['manifest', 'string', 'Object id of its manifest'],
      ['address', 'string', 'Sui address of this machine’s key: what its owner gives to share'],
      ['publicKey', 'string', 'The public key of that address: what share --public-key takes'],
      ['writes', 'boolean', 'That address may change it; false only with --no-wait'],
      ['opens', 'boolean?', 'Of a sealed drive: a key slot is for that address'],
    ],
  },
  {
    command: 'share',
    form: 'DRIVE ADDRESS',
    fields: [
      ['drive', 'string', 'Its name'],
      ['manifest', 'string', 'Object id of its manifest'],
      ['account', 'string', 'Sui address of who may change it'],
      ['capability', 'string', 'Object id of the right to'],
      ['isNew', 'boolean', 'It was given now; false: it was there'],
      ['slot', 'string?', slotGrant],
    ],
  },
  {
    command: 'share',
    form: 'DRIVE',
    about: 'An array: who may change it.',
    fields: [
      ['[].capability', 'string', 'Object id of the right to'],
      ['[].account', 'string?', 'Sui address of who has it; absent where nobody does'],
      ['[].isUs', 'boolean', 'It is this machine’s account'],
    ],
  },
  {
    command: 'revoke',
    fields: [
      ['drive', 'string', 'Its name'],
      ['revoked[]', 'array', 'Object ids of the rights that were taken'],
      ['slots[]', 'array', 'Ids of the key slots of a sealed drive that were taken'],
    ],
  },
  {
    command: 'transfer',
    fields: [
      ['drive', 'string', 'Its name'],
      ['to', 'string', 'Sui address of the new owner'],
      ['blobs', 'number', 'Blobs that were given with it'],
      ['foreign', 'number', 'Blobs that other writers have stored and go on owning'],
      ['writes', 'boolean', 'The right to change it went with it'],
      ['slot', 'string?', slotGrant],
    ],
  },
  { command: 'keys list', about: 'keys DRIVE prints the same.', fields: slots },
  {
    command: 'keys add',
    fields: [
      ...slots,
      ['recoveryKey', 'string?', 'With --recovery: opens the drive, and is printed this once'],
    ],
  },
  { command: 'keys remove', fields: slots },
  { command: 'keys change-passphrase', fields: slots },
  {
    command: 'keys public',
    fields: [
      ['name', 'string', 'Of the key in keys/'],
      ['publicKey', 'string', 'What keys add --for takes'],
      ['address', 'string', 'Its Sui address'],
    ],
  },
  {
    command: 'publish',
    fields: [
      ['network', 'string', 'Where it is'],
      ['quilts[]', 'array', 'What was stored'],
      ['quilts[].blobId', 'string', 'Id of its blob'],
      ['quilts[].objectId', 'string', 'Object id of the blob on chain'],
      ['quilts[].endEpoch', 'number', 'First epoch in which it is no longer stored'],
      ['quilts[].deletable', 'boolean', 'It can be deleted before; false with --permanent'],
      ['quilts[].bytes', 'number', 'Bytes of the blob, before encoding'],
      ['quilts[].files[]', 'array', 'Files in it'],
      ['quilts[].files[].path', 'string', 'Path below the directory'],
      ['quilts[].files[].bytes', 'number', 'Its size'],
      ['quilts[].files[].hash', 'string', 'SHA-256 of its bytes, base64url'],
      ['quilts[].files[].contentType', 'string', 'Its content type'],
      ['quilts[].files[].place.start', 'number', 'Its first column of the quilt'],
      ['quilts[].files[].place.end', 'number', 'The column behind its last'],
      ['quilts[].files[].patchId', 'string', 'The id under which aggregators serve it'],
      [
        'quilts[].files[].url',
        'string?',
        'Where one does; absent where no aggregator is known for the network',
      ],
      ['paid', 'string', `${frost} that were paid; 0: everything was stored already`],
      ['leftOut[]', 'array', 'Local paths that are no regular file with a name in UTF-8'],
      ['site.id', 'string?', 'With --as site: object id of the site'],
      ['site.base36', 'string?', 'The same as portals have it in their addresses'],
      ['site.name', 'string?', 'Its name'],
      ['site.isNew', 'boolean?', 'It was made now'],
      ['site.added', 'number?', 'Resources that were added'],
      ['site.removed', 'number?', 'Resources that were taken away'],
    ],
  },
]

import { chmodSync, fstatSync, openSync, readFileSync, closeSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { secretFromText, secretText } from '../crypto/secret-text.ts'
import { secretBytes } from '../crypto/slot-kinds.ts'
import { Trouble } from '../terms/trouble.ts'

/** What a person gave as a secret, read as whatever it can be. */
export interface GivenSecret {
  /** A key file's or a recovery key's 32 bytes. */
  readonly secret: Uint8Array | undefined
  readonly passphrase: string | undefined
}

/** No person types more. */
const maxSecretFileBytes = 64 << 10

/** The secret of a key file: its 32 bytes, or their text. Throws Trouble `config`. */
export function readKeyFile(path: string): GivenSecret {
  const bytes = privateBytes(path)
  const secret = bytes.length === secretBytes ? bytes : secretFromText(bytes.toString())
  if (secret) return { secret, passphrase: undefined }
  throw new Trouble(
    'config',
    `${path} is no key file: it is to hold 32 bytes, or 14 groups of four letters and digits as walrusfs writes them`,
  )
}

/** The first line of a file. Throws Trouble `config`. */
export function readPassphraseFile(path: string): GivenSecret {
  const passphrase = privateBytes(path)
    .toString()
    .replace(/\r?\n[^]*$/, '')
  if (passphrase === '') throw new Trouble('config', `${path} holds no passphrase`)
  return typedSecret(passphrase)
}

/** Where a passphrase is asked for, a recovery key may be given. */
export function typedSecret(text: string): GivenSecret {
  return { secret: secretFromText(text), passphrase: text }
}

/** Makes a key file that only its owner may read; one that is there is taken. */
export function keyFileSecret(path: string): Uint8Array {
  const secret = randomBytes(secretBytes)
  try {
    writeFileSync(path, `${secretText(secret)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    chmodSync(path, 0o600)
    return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readKeyFile(path).secret!
    throw unusable(error)
  }
}

function privateBytes(path: string): Buffer {
  let bytes: Buffer
  try {
    const file = openSync(path, 'r')
    try {
      const { mode, size } = fstatSync(file)
      const isFile = (mode & 0o170000) === 0o100000
      if (isFile && mode & 0o077) {
        throw new Trouble('config', `others may read ${path}; run: chmod 600 ${path}`)
      }
      if (isFile && size > maxSecretFileBytes) {
        throw new Trouble('config', `${path} is too long for a secret`)
      }
      bytes = readFileSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw error instanceof Trouble ? error : unusable(error)
  }
  return bytes
}

function unusable(cause: unknown): Trouble {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new Trouble(
    'config',
    `the file of a secret cannot be used (${why}); nothing was changed`,
    {
      cause,
    },
  )
}

import { bls12_381 } from '@noble/curves/bls12-381.js'
import { bls12381_min_pk_verify } from '@mysten/walrus-wasm'
import { LRUCache } from 'lru-cache'
import type { Native } from '../move/machine.ts'
import type { MoveVector } from '../move/values.ts'
import { byteVector, bytesAt, bytesOf } from './native-set.ts'
import type { NativeTable } from './native-set.ts'

const Point = bls12_381.G1.Point
type G1Point = InstanceType<typeof Point>

/** Taking a point apart and checking its subgroup costs milliseconds; committees are asked again and again. */
const points = new LRUCache<string, G1Point>({ max: 4096 })
/** A certificate is checked when it is simulated and when it is executed. */
const verdicts = new LRUCache<string, boolean>({ max: 4096 })

/** Throws when the bytes are not a point of G1. */
function pointOf(bytes: Uint8Array): G1Point {
  const key = Buffer.from(bytes).toString('latin1')
  let point = points.get(key)
  if (!point) {
    point = Point.fromBytes(bytes)
    if (!point.isTorsionFree()) throw new RangeError('not in the subgroup G1')
    points.set(key, point)
  }
  return point
}

function compressed(point: G1Point): Uint8Array {
  const bytes = point.toBytes(true)
  points.set(Buffer.from(bytes).toString('latin1'), point)
  return bytes
}

function uncompressed(point: G1Point): Uint8Array {
  const bytes = point.toBytes(false)
  points.set(Buffer.from(bytes).toString('latin1'), point)
  return bytes
}

/** Aborts when bytes are no points (code 0 of `sui::group_ops`, invalid input). */
function onPoints(operation: (...inputs: Uint8Array[]) => Uint8Array): Native {
  return ({ abort }, ...references) => {
    try {
      return [byteVector(operation(...references.map(bytesAt)))]
    } catch {
      return abort(0n)
    }
  }
}

function isValid(signature: Uint8Array, key: Uint8Array, message: Uint8Array): boolean {
  try {
    return bls12381_min_pk_verify(signature, key, message)
  } catch {
    return false
  }
}

/** Whether a signature over a message holds under a public key, all in the forms of Sui's natives. */
export function verifyBls(signature: Uint8Array, key: Uint8Array, message: Uint8Array): boolean {
  const name = [signature, key, message].map((part) => Buffer.from(part).toString('base64')).join()
  let verdict = verdicts.get(name)
  if (verdict === undefined) {
    verdict = isValid(signature, key, message)
    verdicts.set(name, verdict)
  }
  return verdict
}

/** Native functions of `sui::bls12381`. */
export const blsNatives: NativeTable = {
  'bls12381::validate_g1': ({ abort }, bytes) => {
    try {
      pointOf(bytesAt(bytes!))
      return []
    } catch {
      return abort(0n)
    }
  },
  'bls12381::g1_sub_bytes': onPoints((a, b) => compressed(pointOf(a!).subtract(pointOf(b!)))),
  'bls12381::uncompress_g1_bytes': onPoints((bytes) => uncompressed(pointOf(bytes!))),
  'bls12381::compress_g1_bytes': onPoints((bytes) => compressed(pointOf(bytes!))),
  'bls12381::sum_uncompressed_g1_bytes': ({ abort }, terms) => {
    try {
      const all = (terms as MoveVector).items.map((term) => pointOf(bytesOf(term)))
      return [byteVector(uncompressed(all.reduce((sum, point) => sum.add(point), Point.ZERO)))]
    } catch {
      return abort(0n)
    }
  },
  'bls12381::bls12381_min_pk_verify': (_, signature, key, message) => [
    verifyBls(bytesAt(signature!), bytesAt(key!), bytesAt(message!)),
  ],
}

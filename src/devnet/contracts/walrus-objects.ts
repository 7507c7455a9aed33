import type { ObjectId } from '../../terms/object-id.ts'
import type { ChainState } from '../chain/chain-state.ts'
import { decodeValue } from '../chain/move/value-codec.ts'
import { u64Type } from '../chain/move/types.ts'
import { dynamicFieldId } from '../chain/object-id.ts'
import type { MoveObject } from '../chain/objects/object.ts'
import { plainOf } from '../chain/objects/plain.ts'
import type { Plain } from '../chain/objects/plain.ts'
import type { Committee, CommitteeMember, WalrusPrices } from '../chain-view.ts'
import { walrusOriginal, walrusVersion } from './addresses.ts'

type Fields = { readonly [field: string]: Plain }

/** Walrus's shared objects. */
export interface WalrusObjects {
  readonly system: ObjectId
  readonly staking: ObjectId
}

/** Finds Walrus's shared objects; undefined on a chain that has none yet. */
export function findWalrus(chain: ChainState): WalrusObjects | undefined {
  const types = {
    system: `${walrusOriginal}::system::System`,
    staking: `${walrusOriginal}::staking::Staking`,
  }
  const found: Partial<Record<keyof WalrusObjects, ObjectId>> = {}
  for (const object of chain.ledger.objects.all()) {
    if (object.kind !== 'object') continue
    if (object.type === types.system) found.system = object.id
    if (object.type === types.staking) found.staking = object.id
  }
  const { system, staking } = found
  return system && staking ? { system, staking } : undefined
}

/** What is to be known of the storage system, read from its objects. */
export interface WalrusFacts {
  readonly committee: Committee
  readonly prices: WalrusPrices
  readonly maxEpochsAhead: number
}

export function readWalrus(chain: ChainState, { system, staking }: WalrusObjects): WalrusFacts {
  const state = versioned(chain, system)
  const { members, epoch } = fields(state['committee'])
  const shards = assignment(versioned(chain, staking))
  return {
    committee: {
      epoch: Number(epoch),
      shards: Number(fields(state['committee'])['n_shards']),
      members: list(members).map((member) => memberOf(chain, fields(member), shards)),
    },
    prices: {
      storage: state['storage_price_per_unit_size'] as bigint,
      write: state['write_price_per_unit_size'] as bigint,
    },
    maxEpochsAhead: Number(fields(state['future_accounting'])['length']),
  }
}

function fields(value: Plain | undefined): Fields {
  return value as Fields
}

function list(value: Plain | undefined): readonly Plain[] {
  return value as readonly Plain[]
}

/** The state that hangs on `System` and `Staking` under their version. */
function versioned(chain: ChainState, parent: ObjectId): Fields {
  const name = Buffer.alloc(8)
  name.writeBigUInt64LE(walrusVersion)
  return fields(plainObject(chain, dynamicFieldId(parent, u64Type, name))['value'])
}

function plainObject(chain: ChainState, id: ObjectId): Fields {
  const object = chain.ledger.objects.get(id) as MoveObject
  const type = chain.types.resolveDatatype(object.type)
  return fields(plainOf(type, decodeValue(type, object.contents)))
}

/** `Committee(VecMap<ID, vector<u16>>)`. */
function assignment(staking: Fields): ReadonlyMap<string, number[]> {
  const { contents } = fields(fields(staking['committee'])['pos0'])
  return new Map(
    list(contents).map((entry) => {
      const { key, value } = fields(entry)
      return [fields(key)['bytes'] as string, list(value).map(Number)]
    }),
  )
}

function memberOf(
  chain: ChainState,
  member: Fields,
  shards: ReadonlyMap<string, number[]>,
): CommitteeMember {
  const nodeId = fields(member['node_id'])['bytes'] as ObjectId
  const info = fields(plainObject(chain, nodeId)['node_info'])
  return {
    nodeId,
    name: text(info['name']),
    address: text(info['network_address']),
    publicKey: fields(info['public_key'])['bytes'] as Uint8Array,
    networkKey: info['network_public_key'] as Uint8Array,
    shards: shards.get(nodeId) ?? [],
  }
}

/** `String { bytes }`. */
function text(value: Plain | undefined): string {
  return Buffer.from(fields(value)['bytes'] as Uint8Array).toString('utf8')
}

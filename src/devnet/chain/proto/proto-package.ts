import type { LinkedPackage } from '../move/linker.ts'
import type { MoveFunction } from '../move/module.ts'
import type { MovePackage } from '../move/package.ts'
import { Ability, datatypeName } from '../move/types.ts'
import type { Datatype, Field, MoveType } from '../move/types.ts'
import { G } from './grpc-types.ts'

/** A package without the descriptions of its modules. */
export function protoPackage(stored: MovePackage): G.Package {
  return {
    storageId: stored.id,
    originalId: stored.originalId,
    version: stored.version,
    modules: [...stored.modules].map(([name, contents]) => ({
      name,
      contents,
      datatypes: [],
      functions: [],
    })),
    typeOrigins: stored.typeOrigins.map((origin) => ({
      moduleName: origin.module,
      datatypeName: origin.datatype,
      packageId: origin.package,
    })),
    linkage: [...stored.linkage].map(([originalId, { id, version }]) => ({
      originalId,
      upgradedId: id,
      upgradedVersion: version,
    })),
  }
}

/** A package with everything that its modules declare. */
export function protoLinkedPackage(linked: LinkedPackage): G.Package {
  const described = protoPackage(linked.stored)
  for (const module of described.modules) {
    const found = linked.module(module.name!)!
    module.datatypes = [...found.datatypes].map(protoDatatype)
    module.functions = [...found.functions].map(protoFunction)
  }
  return described
}

export function protoFunction(code: MoveFunction): G.FunctionDescriptor {
  const visibilities = G.FunctionDescriptor_Visibility
  return {
    name: code.name,
    visibility: {
      public: visibilities.PUBLIC,
      private: visibilities.PRIVATE,
      friend: visibilities.FRIEND,
    }[code.visibility],
    isEntry: code.isEntry,
    typeParameters: code.typeParameters.map((bits) => ({ constraints: protoAbilities(bits) })),
    parameters: code.parameters.map(protoSignature),
    returns: code.returns.map(protoSignature),
  }
}

export function protoDatatype(datatype: Datatype): G.DatatypeDescriptor {
  const kinds = G.DatatypeDescriptor_DatatypeKind
  return {
    typeName: datatypeName(datatype),
    definingId: datatype.definingId,
    module: datatype.module,
    name: datatype.name,
    abilities: protoAbilities(datatype.abilities),
    typeParameters: datatype.typeParameters.map(({ phantom, constraints }) => ({
      constraints: protoAbilities(constraints),
      isPhantom: phantom,
    })),
    kind: datatype.fields ? kinds.STRUCT : kinds.ENUM,
    fields: protoFields(datatype.fields ?? []),
    variants: (datatype.variants ?? []).map(({ name, fields }, position) => ({
      name,
      position,
      fields: protoFields(fields),
    })),
  }
}

function protoFields(fields: readonly Field[]): G.FieldDescriptor[] {
  return fields.map(({ name, type }, position) => ({ name, position, type: protoBody(type) }))
}

function protoAbilities(bits: number): G.Ability[] {
  const all = [
    [Ability.copy, G.Ability.COPY],
    [Ability.drop, G.Ability.DROP],
    [Ability.store, G.Ability.STORE],
    [Ability.key, G.Ability.KEY],
  ] as const
  return all.filter(([bit]) => (bits & bit) !== 0).map(([, ability]) => ability)
}

function protoSignature(type: MoveType): G.OpenSignature {
  if (type.kind !== 'reference') return { body: protoBody(type) }
  const { IMMUTABLE, MUTABLE } = G.OpenSignature_Reference
  return { reference: type.mutable ? MUTABLE : IMMUTABLE, body: protoBody(type.target) }
}

function protoBody(type: MoveType): G.OpenSignatureBody {
  const kinds = G.OpenSignatureBody_Type
  if (type.kind === 'vector')
    return { type: kinds.VECTOR, typeParameterInstantiation: [protoBody(type.element)] }
  if (type.kind === 'parameter')
    return {
      type: kinds.TYPE_PARAMETER,
      typeParameter: type.index,
      typeParameterInstantiation: [],
    }
  if (type.kind === 'datatype')
    return {
      type: kinds.DATATYPE,
      typeName: datatypeName(type.datatype),
      typeParameterInstantiation: type.typeArguments.map(protoBody),
    }
  const name = type.kind.toUpperCase() as keyof typeof kinds
  return { type: kinds[name], typeParameterInstantiation: [] }
}

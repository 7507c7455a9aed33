import type { LinkedPackage } from '../move/linker.ts'
import type { MoveFunction, MoveModule } from '../move/module.ts'
import { typeName } from '../move/types.ts'
import type { Datatype, Field } from '../move/types.ts'

/** Whether callers and objects of a package's old version go on with the new one (Sui's "compatible" policy). */
export function checkCompatible(old: LinkedPackage, next: LinkedPackage): boolean {
  return [...old.moduleNames].every((name) => {
    const module = next.module(name)
    return module !== undefined && keepsModule(old.module(name)!, module)
  })
}

function keepsModule(old: MoveModule, next: MoveModule): boolean {
  const datatypes = [...old.datatypes].every((datatype) => {
    const kept = next.datatype(datatype.name)
    return kept !== undefined && keepsDatatype(datatype, kept)
  })
  const functions = [...old.functions]
    .filter((code) => code.visibility === 'public')
    .every((code) => {
      const kept = next.function(code.name)
      return kept?.visibility === 'public' && signature(kept) === signature(code)
    })
  return datatypes && functions
}

function keepsDatatype(old: Datatype, next: Datatype): boolean {
  return (
    (old.abilities & next.abilities) === old.abilities &&
    JSON.stringify(old.typeParameters) === JSON.stringify(next.typeParameters) &&
    layout(old) === layout(next)
  )
}

function layout({ fields, variants }: Datatype): string {
  const spell = (all: readonly Field[]) => all.map(({ name, type }) => `${name}:${typeName(type)}`)
  if (fields) return spell(fields).join()
  return (variants ?? [])
    .map((variant) => `${variant.name}{${spell(variant.fields).join()}}`)
    .join()
}

function signature({ typeParameters, parameters, returns }: MoveFunction): string {
  return `<${typeParameters.join()}>(${parameters.map(typeName).join()}):${returns.map(typeName).join()}`
}

import { None, parse, View } from 'vega'
import { compile } from 'vega-lite'
import type { Config, TopLevelSpec } from 'vega-lite'

/** What all plots look like: on white, so that they can be read on any page. */
const config: Config = {
  background: 'white',
  padding: 12,
  font: 'sans-serif',
  title: { anchor: 'start', fontSize: 14, offset: 12 },
  axis: { gridColor: '#e4e4e4', labelLimit: 640, titleFontWeight: 'normal' },
}

/** Draws a specification of Vega-Lite (https://vega.github.io/vega-lite/docs/) as SVG, without a browser. */
export async function svgOfSpec(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec, { config }).spec), { renderer: 'none', logLevel: None })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}

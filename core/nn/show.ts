// A module as the display room sees it.

import type { ModuleView } from "../display/module-tree";
import type { Module } from "./module";

/** Name, extra text, children and own parameters of a module and all below it. */
export function viewOf(module: Module): ModuleView {
  return {
    name: module.constructor.name,
    extra: module.extraRepr(),
    children: module.namedChildren().map(([name, child]) => [name, viewOf(child)]),
    parameters: module.parameters(false),
  };
}

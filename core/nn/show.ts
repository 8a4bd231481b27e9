// A module as the display room sees it.

import type { ModuleView } from "../display/module-tree";
import { isUninitialized } from "./uninitialized";

/** What is shown of a module. */
interface Shown {
  extraRepr(): string;
  namedChildren(): [name: string, child: Shown][];
  parameters(recurse: boolean): ModuleView["parameters"];
}

/** Name, extra text, children and own parameters of a module and all below it. */
export function viewOf(module: Shown): ModuleView {
  return {
    name: module.constructor.name,
    extra: module.extraRepr(),
    children: module.namedChildren().map(([name, child]) => [name, viewOf(child)]),
    parameters: module.parameters(false).filter((parameter) => !isUninitialized(parameter)),
  };
}

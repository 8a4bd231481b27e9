// Stands in the bundle for packages that a released front-end never loads.

export default {};

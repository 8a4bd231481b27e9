// Brings the working tree to the state that a command needs, and does nothing when it is there: checks Node, installs packages,
// builds the add-on, compiles. It runs before anything is installed, so it uses only Node's built-ins; this first file stays
// readable to old versions of Node, which must get as far as the message.

const needed = [20, 19];
const found = process.versions.node.split(".").map(Number);
if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  console.error(
    `Cresset needs Node ${needed.join(".")} or newer; this is Node ${process.versions.node} (${process.execPath}).`,
  );
  console.error("Install a newer one (https://nodejs.org/) and run the command again.");
  process.exit(1);
}

require("./setup/main.js").main(process.argv[2]);

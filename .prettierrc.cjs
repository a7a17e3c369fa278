// The plugin lies in the cache folder of script/lint (NODE_PATH), not beside this file.
module.exports = {
    plugins: [require.resolve("@prettier/plugin-xml")],
    bracketSpacing: false,
    printWidth: 120,
    proseWrap: "preserve",
    trailingComma: "es5",
    xmlWhitespaceSensitivity: "preserve",
};

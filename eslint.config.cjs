// Odoo's own JavaScript is native modules; the packages lie in the cache folder of script/lint (NODE_PATH).
const globals = require("globals");
const js = require("@eslint/js");
const jsdoc = require("eslint-plugin-jsdoc");

module.exports = [
    {ignores: ["build/", "**/static/lib/"]},
    js.configs.recommended,
    {
        files: ["**/static/**/*.js"],
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            globals: {...globals.browser, luxon: "readonly", owl: "readonly", odoo: "readonly"},
        },
    },
    {
        files: ["**/*.cjs"],
        languageOptions: {sourceType: "commonjs", globals: {...globals.node}},
    },
    {
        files: ["**/*.mjs"],
        languageOptions: {sourceType: "module", globals: {...globals.node, ...globals.browser}},
    },
    {
        plugins: {jsdoc},
        rules: {
            complexity: ["error", 15],
            eqeqeq: "error",
            "dot-notation": "error",
            "jsdoc/check-tag-names": "error",
            "jsdoc/check-types": "error",
            "no-alert": "error",
            "no-duplicate-imports": "error",
            "no-else-return": "error",
            "no-eq-null": "error",
            "no-eval": "error",
            "no-extend-native": "error",
            "no-implied-eval": "error",
            "no-lonely-if": "error",
            "no-new-func": "error",
            "no-param-reassign": "error",
            "no-return-assign": "error",
            "no-shadow": "error",
            "no-throw-literal": "error",
            "no-unneeded-ternary": "error",
            "no-unused-expressions": "error",
            "no-use-before-define": "error",
            "no-useless-concat": "error",
            "no-var": "error",
            "operator-assignment": ["error", "always"],
            "prefer-const": "error",
            radix: "error",
            "spaced-comment": ["error", "always"],
            yoda: "error",
        },
    },
];

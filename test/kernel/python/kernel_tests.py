"""The tests that Jupyter has for every kernel, with samples of TypeScript."""

import sys
import unittest

import jupyter_kernel_test

# How long a reply may take on a busy machine.
jupyter_kernel_test.TIMEOUT = 100


class CressetTests(jupyter_kernel_test.KernelTests):
    kernel_name = sys.argv.pop(1)
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "torch.nn.functional.crossEn", "matches": {"crossEntropy"}},
        {"text": "process.argv0.toUpperC", "matches": {"toUpperCase"}},
    ]
    complete_code_samples = ["1", "const x = 2", "function f(): void {}", "await Promise.resolve(1)"]
    incomplete_code_samples = ["for (;;) {", "const s = `", "f(1,", "class A {\n  x = 1;"]
    invalid_code_samples = ["const = 2", "1 +* 2", "for )"]
    code_page_something = "Math.max?"
    code_generate_error = "throw new RangeError('far')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "[1, 'two']", "result": "[ 1, 'two' ]"},
        {"code": "torch.ones(2)", "result": "tensor([1., 1.])"},
    ]
    code_display_data = [
        {"code": "display.html('<b>bold</b>')", "mime": "text/html"},
        {"code": "plot().push({ loss: 1 })", "mime": "image/svg+xml"},
        {"code": "show(torch.rand(4, 4))", "mime": "image/png"},
    ]
    code_history_pattern = "6 [*] 7"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.max"
    code_clear_output = "clearOutput()"


unittest.main(verbosity=2)

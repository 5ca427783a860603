using LoraRecycle.Client.Tests;
using LoraRecycle.EndToEnd;

// One server of each for all tests: the one as shipped knows a cup from a chair, the tiny one recycles in seconds.
[assembly: AssemblyFixture(typeof(ServedProcess))]
[assembly: AssemblyFixture(typeof(TinyServer))]

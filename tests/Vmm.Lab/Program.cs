using System.CommandLine;
using Vmm.Lab.Verbs;

var root = new RootCommand("Compares the emulated kernel with the running one. Exit codes: 0 no difference, 1 a difference, 2 refused.")
{
    DiffVerb.Create(),
};
return await root.Parse(args).InvokeAsync();

// A group can be opened once on a machine, and so can its devices: tests take turns.
[assembly: CollectionBehavior(DisableTestParallelization = true)]


// Tests wait in real time for real threads: one after the other, so that they do not starve each other on small machines.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

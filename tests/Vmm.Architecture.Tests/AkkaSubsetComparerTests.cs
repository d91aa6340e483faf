namespace Vmm.Architecture.Tests;

/// <summary>The comparison can fail: each way of being different, on types made for it.</summary>
public sealed class AkkaSubsetComparerTests
{
    private const string FakeName = "Vmm.Architecture.Tests.AkkaSubsetComparerTests.Fake";
    private const string Ctor = "  protected ctor()";
    private const string Go = "  void Go(string text, int times = 3)";
    private const string Hook = "  protected abstract bool Hook<T>(Func<T, bool> filter) where T : class, new()";
    private const string Size = "  long? Size { get; }";
    private const string Limit = "  const int Limit = 5";
    private const string Shared = "  static readonly object Shared";

    private static readonly string[] Same = [$"abstract class {FakeName} : IDisposable", Ctor, Go, "  void Dispose()", Hook, Size, Limit, Shared];

    [Fact]
    public void The_same_shape_is_accepted() => Assert.Empty(Compare(Same));

    [Fact]
    public void More_on_the_real_side_is_accepted_under_other_names() => Assert.Empty(Compare([.. Same, "  void Other()", "  int Count { get; }"]));

    [Theory]
    [InlineData("abstract class X", "no such type")]
    [InlineData($"sealed class {FakeName} : IDisposable", "is a abstract class")]
    [InlineData($"abstract class {FakeName}", "must not be a IDisposable")]
    public void A_type_that_is_not_there_or_another_kind_is_reported(string header, string problem) =>
        Assert.Contains(Compare([header, .. Same[1..]]), p => p.Contains(problem, StringComparison.Ordinal));

    [Theory]
    [InlineData(Go, "  void Go(string text, int times = 4)")]
    [InlineData(Go, "  void Go(string text, int times)")]
    [InlineData(Go, "  void Go(string label, int times = 3)")]
    [InlineData(Go, "  static void Go(string text, int times = 3)")]
    [InlineData(Go, "  virtual void Go(string text, int times = 3)")]
    [InlineData(Hook, "  protected abstract bool Hook<T>(Func<T, bool> filter)")]
    [InlineData(Size, "  long? Size { get; set; }")]
    [InlineData(Size, "  long? Size")]
    [InlineData(Limit, "  const int Limit = 6")]
    [InlineData(Shared, "  static object Shared { get; }")]
    [InlineData(Ctor, "  ctor()")]
    public void A_member_of_another_shape_is_reported(string line, string other) =>
        Assert.Contains(Compare([.. Same.Select(l => l == line ? other : l)]), p => p.Contains("which the listing has not", StringComparison.Ordinal));

    [Theory]
    [InlineData("  void Go(string text, TimeSpan pause)", true)]
    [InlineData("  protected ctor(string name)", true)]
    [InlineData("  void Go<T>(Action<T> action)", true)]
    [InlineData("  void Go(NoSuchType it)", false)]
    [InlineData("  [Obsolete] void Go()", false)]
    [InlineData("  protected ctor(SerializationInfo info, StreamingContext context)", false)]
    public void A_missing_overload_is_reported_when_it_could_be_chosen(string overload, bool reported) =>
        Assert.Equal(reported, Compare([.. Same, overload]).Any(p => p.Contains("misses the overload", StringComparison.Ordinal)));

    [Fact]
    public void A_missing_abstract_member_is_reported() =>
        Assert.Contains(Compare([.. Same, "  abstract void Must()"]), p => p.Contains("misses abstract", StringComparison.Ordinal));

    private static string[] Compare(string[] listing) => [.. new AkkaSubsetComparer(new AkkaSubsetApi(listing), [typeof(Fake)]).Compare()];

    /// <summary>What the listings above describe.</summary>
    public abstract class Fake : IDisposable
    {
        public const int Limit = 5;

        public static readonly object Shared = new();

        protected Fake()
        {
        }

        public long? Size { get; private set; }

        public void Go(string text, int times = 3) => Size = text.Length * times;

        public void Dispose() => GC.SuppressFinalize(this);

        protected abstract bool Hook<T>(Func<T, bool> filter)
            where T : class, new();
    }
}

using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor rand(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        WithGrad(Aten.RandGenerator.Call(size, generator, dtype ?? ScalarType.Float32, Arg.None, device), requires_grad);

    public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        WithGrad(Aten.RandnGenerator.Call(size, generator, dtype ?? ScalarType.Float32, Arg.None, device), requires_grad);

    public static Tensor randn(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        randn([rows, columns], dtype, device, requires_grad, generator);

    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        WithGrad(Aten.RandnLike.Call(input, dtype, Arg.None, device), requires_grad);

    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        WithGrad(Aten.RandintLowGenerator.Call(low, high, size, generator, dtype ?? ScalarType.Int64, Arg.None, device), requires_grad);

    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        WithGrad(Aten.RandpermGenerator.Call(n, generator, dtype ?? ScalarType.Int64, Arg.None, device), requires_grad);

    /// <summary>Seeds the default generators of all devices.</summary>
    public static Generator manual_seed(long seed)
    {
        NativeError.Check(Native.lr_manual_seed(seed));
        return new Generator((ulong)seed);
    }

    /// <summary>A source of random numbers on one device, with a state of its own.</summary>
    public class Generator : IDisposable
    {
        public Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            NativeError.Check(Native.lr_generator_new(this.device.Packed, seed, out var generator));
            NativeHandle = new GeneratorHandle(generator);
        }

        public Device device { get; }

        internal GeneratorHandle NativeHandle { get; }

        public Generator manual_seed(long seed)
        {
            NativeError.Check(Native.lr_generator_seed(NativeHandle, (ulong)seed));
            return this;
        }

        public long initial_seed()
        {
            NativeError.Check(Native.lr_generator_initial_seed(NativeHandle, out var seed));
            return (long)seed;
        }

        public Tensor get_state()
        {
            NativeError.Check(Native.lr_generator_state(NativeHandle, out var state));
            return new Tensor(state);
        }

        public void set_state(Tensor value) => NativeError.Check(Native.lr_generator_set_state(NativeHandle, value.SafeHandle));

        public void Dispose()
        {
            NativeHandle.Dispose();
            GC.SuppressFinalize(this);
        }
    }
}

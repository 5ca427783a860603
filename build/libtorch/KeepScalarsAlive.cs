#nullable disable
using System;
using System.IO;
using System.Linq;
using System.Reflection;
using Microsoft.Build.Framework;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace LoraRecycle.Build;

/// <summary>
/// Copies TorchSharp's assembly and lets each method that takes a Scalar keep it until the method returns. TorchSharp 0.107
/// reads the native handle of a Scalar and forgets the object, whose finalizer may then free the native number while libtorch
/// reads it: an operator throws ("Expected false to be true"), or computes with another number.
/// MSBuild compiles this file when a build needs it, against .NET Standard 2.0.
/// </summary>
public sealed class KeepScalarsAlive : ITask
{
    private const string Scalar = "TorchSharp.Scalar";

    public IBuildEngine BuildEngine { get; set; }

    public ITaskHost HostObject { get; set; }

    /// <summary>The assembly as it was published.</summary>
    [Required]
    public string Source { get; set; }

    /// <summary>Where the changed copy goes.</summary>
    [Required]
    public string Destination { get; set; }

    /// <summary>Mono.Cecil's assembly, which MSBuild does not look for by itself.</summary>
    [Required]
    public string Cecil { get; set; }

    public bool Execute()
    {
        ResolveEventHandler find = (sender, wanted) => new AssemblyName(wanted.Name).Name == "Mono.Cecil" ? Assembly.LoadFrom(Cecil) : null;
        AppDomain.CurrentDomain.AssemblyResolve += find;
        try
        {
            var changed = Rewrite(Source, Destination);
            if (changed > 0)
                return true;
            return Fail("no method takes a Scalar; this version of TorchSharp is another one than was reckoned with");
        }
        catch (Exception exception)
            when (exception is IOException || exception is UnauthorizedAccessException || exception is BadImageFormatException)
        {
            return Fail(exception.Message);
        }
        finally
        {
            AppDomain.CurrentDomain.AssemblyResolve -= find;
        }
    }

    /// <returns>How many methods were changed.</returns>
    public static int Rewrite(string source, string destination)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(destination)));
        using (var assembly = AssemblyDefinition.ReadAssembly(source))
        {
            var module = assembly.MainModule;
            var keepAlive = new MethodReference(
                "KeepAlive",
                module.TypeSystem.Void,
                new TypeReference("System", "GC", module, module.TypeSystem.CoreLibrary)
            );
            keepAlive.Parameters.Add(new ParameterDefinition(module.TypeSystem.Object));
            var methods = module
                .GetTypes()
                .SelectMany(type => type.Methods)
                .Where(method => method.HasBody && method.Parameters.Any(parameter => parameter.ParameterType.FullName == Scalar))
                .ToArray();
            foreach (var method in methods)
                KeepUntilReturn(method, keepAlive);
            // A new file in the place of the old one: a program that runs has that one mapped.
            var unfinished = destination + ".new";
            assembly.Write(unfinished);
            File.Delete(destination);
            File.Move(unfinished, destination);
            return methods.Length;
        }
    }

    private static void KeepUntilReturn(MethodDefinition method, MethodReference keepAlive)
    {
        var il = method.Body.GetILProcessor();
        // A short branch reaches 127 bytes, and what is put in between may take it further; Cecil would cut the distance off.
        foreach (
            var branch in method.Body.Instructions.Where(instruction => instruction.OpCode.OperandType == OperandType.ShortInlineBrTarget)
        )
            branch.OpCode = (OpCode)typeof(OpCodes).GetField(branch.OpCode.Code.ToString().Replace("_S", "")).GetValue(null);
        foreach (var end in method.Body.Instructions.Where(instruction => instruction.OpCode == OpCodes.Ret).ToArray())
        {
            var last = il.Create(OpCodes.Ret);
            il.InsertAfter(end, last);
            // What jumped to the return now jumps to the first of these.
            end.OpCode = OpCodes.Nop;
            foreach (var parameter in method.Parameters.Where(parameter => parameter.ParameterType.FullName == Scalar))
            {
                il.InsertBefore(last, il.Create(OpCodes.Ldarg, parameter));
                il.InsertBefore(last, il.Create(OpCodes.Call, keepAlive));
            }
        }
    }

    private bool Fail(string reason)
    {
        var message = "Expected to keep the scalars of " + Source + " alive: " + reason;
        BuildEngine.LogErrorEvent(new BuildErrorEventArgs(null, null, Source, 0, 0, 0, 0, message, null, nameof(KeepScalarsAlive)));
        return false;
    }
}
